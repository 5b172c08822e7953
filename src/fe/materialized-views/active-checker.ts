/**
 * Tries to make inactive materialized views active again, as StarRocks' MVActiveChecker: after
 * about a minute, and after each failure twice as long, up to an hour (restore-jobs.md 5.4.4).
 */
import { asSimError } from '../../base/errors.ts';
import type { TableId } from '../../base/ids.ts';
import { attempt, type Op } from '../../base/op.ts';
import {
  BACKUP_INACTIVE_REASON,
  MANUAL_INACTIVE_REASON,
  type MvId,
} from '../../catalog/materialized-view.ts';
import type { FrontendContext } from '../frontend-context.ts';
import { activateMaterializedView } from './activate-view.ts';
import { everyView } from './every-view.ts';

/** Rounds between two attempts for one view, at most: an hour of minutes. */
const BACK_OFF_ROUNDS_MAX = 60;

interface BackOff {
  /** Rounds until the next attempt. */
  left: number;
  /** Rounds from the last attempt to that one. */
  last: number;
}

export class MvActiveChecker {
  readonly #backOffs = new Map<TableId, BackOff>();

  /** One round: tries every view whose time has come, one after the other. */
  *round(frontend: FrontendContext): Op<void> {
    const inactive = everyView(frontend.catalog).filter(({ info }) => !info.isActive);
    this.#forgetOthers(new Set(inactive.map(({ id }) => id.tableId)));
    if (!frontend.config.getBoolean('enable_mv_automatic_active_check')) return;
    for (const { id, table, info } of inactive) {
      // A restore that runs decides about the view itself.
      if (table.state !== 'NORMAL' || isLeftAlone(info.inactiveReason)) continue;
      if (!this.#isDue(id)) continue;
      const outcome = yield* attempt(activateMaterializedView(frontend, id));
      // Any other failure is why the view stays inactive.
      if (!outcome.ok && asSimError(outcome.error).row.kind === 'bug') throw outcome.error;
    }
  }

  #isDue({ tableId }: MvId): boolean {
    const backOff = this.#backOffs.get(tableId);
    if (backOff === undefined) {
      this.#backOffs.set(tableId, { left: 2, last: 2 });
      return true;
    }
    backOff.left -= 1;
    if (backOff.left > 0) return false;
    backOff.last = Math.min(BACK_OFF_ROUNDS_MAX, backOff.last * 2);
    backOff.left = backOff.last;
    return true;
  }

  /** Views that are active again or gone begin anew. */
  #forgetOthers(inactive: ReadonlySet<TableId>): void {
    for (const id of this.#backOffs.keys()) if (!inactive.has(id)) this.#backOffs.delete(id);
  }
}

/** The stored reason of a backup is longer than the constant, so it is not among these. */
function isLeftAlone(reason: string): boolean {
  return reason === MANUAL_INACTIVE_REASON || BACKUP_INACTIVE_REASON.includes(reason);
}
