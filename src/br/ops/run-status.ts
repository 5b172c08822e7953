/** Slots as both tools see them (`run_status`), and who wants or holds one (`br_claims`). */
import type { JobKind } from '../cluster/jobs.ts';
import { cell } from '../connection/connection.ts';
import { quoteValue } from '../connection/sql-text.ts';
import { deleteRows, insertRow, type Ops, opsTable, SERVER_NOW, updateRows } from './ops.ts';

export interface ActiveSlot {
  readonly scope: JobKind;
  readonly label: string;
  readonly ageSeconds: number;
}

export interface Claim {
  readonly id: string;
  readonly scope: JobKind;
  readonly database: string;
  readonly label: string;
  readonly owner: string;
  readonly state: 'CLAIMED' | 'HELD';
  readonly claimedAt: string;
  /** Since its owner was last heard of. */
  readonly silentSeconds: number;
}

const SLOTS = 'run_status';
const CLAIMS = 'br_claims';

/** Oldest first. */
export async function activeSlots(ops: Ops): Promise<readonly ActiveSlot[]> {
  const rows = await ops.connection.query(
    'SELECT scope, label, TIMESTAMPDIFF(SECOND, started_at, NOW()) AS age ' +
      `FROM ${opsTable(ops, SLOTS)} WHERE state = 'ACTIVE' ORDER BY started_at, label`,
  );
  return rows.map((row) => ({
    scope: cell(row, 'scope') === 'restore' ? 'restore' : 'backup',
    label: cell(row, 'label'),
    ageSeconds: Number(cell(row, 'age')),
  }));
}

/** Every label that any slot ever had. */
export async function slotLabels(ops: Ops): Promise<readonly string[]> {
  const rows = await ops.connection.query(`SELECT label FROM ${opsTable(ops, SLOTS)}`);
  return rows.map((row) => cell(row, 'label'));
}

export async function openSlotRow(ops: Ops, scope: JobKind, label: string): Promise<void> {
  await insertRow(ops, SLOTS, { scope, label, state: 'ACTIVE', started_at: SERVER_NOW });
}

export async function closeSlotRow(
  ops: Ops,
  scope: JobKind,
  label: string,
  state: string,
): Promise<void> {
  const row = `scope = ${quoteValue(scope)} AND label = ${quoteValue(label)}`;
  await updateRows(ops, SLOTS, { state, finished_at: SERVER_NOW }, row);
}

/** For a slot under whose label nothing was begun. */
export async function deleteSlotRow(ops: Ops, scope: JobKind, label: string): Promise<void> {
  const row = `scope = ${quoteValue(scope)} AND label = ${quoteValue(label)}`;
  await deleteRows(ops, SLOTS, row);
}

/** The order in which claims win. */
export async function readClaims(ops: Ops): Promise<readonly Claim[]> {
  const rows = await ops.connection.query(
    'SELECT claim_id, scope, database_name, label, owner, state, claimed_at, ' +
      `TIMESTAMPDIFF(SECOND, heartbeat_at, NOW()) AS silent FROM ${opsTable(ops, CLAIMS)} ` +
      'ORDER BY claimed_at, claim_id',
  );
  return rows.map((row) => ({
    id: cell(row, 'claim_id'),
    scope: cell(row, 'scope') === 'restore' ? 'restore' : 'backup',
    database: cell(row, 'database_name'),
    label: cell(row, 'label'),
    owner: cell(row, 'owner'),
    state: cell(row, 'state') === 'HELD' ? 'HELD' : 'CLAIMED',
    claimedAt: cell(row, 'claimed_at').slice(0, 19),
    silentSeconds: Number(cell(row, 'silent')),
  }));
}

export async function insertClaim(
  ops: Ops,
  claim: Pick<Claim, 'id' | 'scope' | 'database' | 'label' | 'owner'>,
): Promise<void> {
  await insertRow(ops, CLAIMS, {
    claim_id: claim.id,
    scope: claim.scope,
    database_name: claim.database,
    label: claim.label,
    owner: claim.owner,
    state: 'CLAIMED',
    claimed_at: SERVER_NOW,
    heartbeat_at: SERVER_NOW,
  });
}

export async function holdClaim(ops: Ops, id: string): Promise<void> {
  const changes = { state: 'HELD', heartbeat_at: SERVER_NOW };
  await updateRows(ops, CLAIMS, changes, `claim_id = ${quoteValue(id)}`);
}

export async function beatClaim(ops: Ops, id: string): Promise<void> {
  await updateRows(ops, CLAIMS, { heartbeat_at: SERVER_NOW }, `claim_id = ${quoteValue(id)}`);
}

export async function deleteClaim(ops: Ops, id: string): Promise<void> {
  await deleteRows(ops, CLAIMS, `claim_id = ${quoteValue(id)}`);
}
