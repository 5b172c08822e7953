/** What a look at one snapshot came to: counts, findings, and whether it still restores. */
import type { Finding, FindingKind } from './finding.ts';
import { FINDING_KINDS } from './finding.ts';
import type { SnapshotContents } from './snapshot-contents.ts';
import { expectedTablets } from './snapshot-contents.ts';

/** Of a table, or a whole snapshot: what RESTORE would make of it. */
export type Verdict = 'whole' | 'damaged' | 'unknown';

/** `partly`: RESTORE ... ON (the tables that are whole) works; of others nothing is promised. */
export type Restores = 'yes' | 'partly' | 'no' | 'unknown';

export interface TableReport {
  readonly name: string;
  readonly verdict: Verdict;
  readonly partitionCount: number;
  readonly tabletCount: number;
  /** Partitions with damage; empty for damage of the table as such. */
  readonly damagedPartitions: readonly string[];
}

export interface SnapshotReport {
  readonly label: string;
  /** Absent where no `__info` tells. */
  readonly timestamp?: string;
  readonly verdict: Verdict;
  readonly restores: Restores;
  readonly hasLeftovers: boolean;
  readonly tables: readonly TableReport[];
  readonly tabletCount: number;
  /** Tablets whose header cannot be read here, so that nobody knows all of their files. */
  readonly unjudgedTablets: number;
  readonly fileCount: number;
  readonly sizeBytes: number;
  readonly filesRead: number;
  readonly bytesRead: number;
  readonly findings: Readonly<Partial<Record<FindingKind, number>>>;
}

interface TableTally {
  readonly partitionCount: number;
  tabletCount: number;
  isDamaged: boolean;
  isUnknown: boolean;
  readonly damagedPartitions: Set<string>;
}

/** Gathers while a look goes on; findings themselves go to whoever listens and are not kept. */
export class ReportBuilder {
  readonly #label: string;
  readonly #tell: (finding: Finding) => void;
  readonly #tables = new Map<string, TableTally>();
  readonly #counts = new Map<FindingKind, number>();
  #timestamp: string | undefined;
  #isDamaged = false;
  #isUnknown = false;
  #hasLeftovers = false;
  unjudgedTablets = 0;
  fileCount = 0;
  sizeBytes = 0;
  filesRead = 0;
  bytesRead = 0;

  constructor(label: string, tell: (finding: Finding) => void) {
    this.#label = label;
    this.#tell = tell;
  }

  begin(timestamp: string, contents: SnapshotContents | undefined): void {
    this.#timestamp = timestamp;
    for (const { name, partitions } of contents?.info.tables.values() ?? []) {
      this.#tables.set(name, {
        partitionCount: partitions.size,
        tabletCount: 0,
        isDamaged: false,
        isUnknown: false,
        damagedPartitions: new Set(),
      });
    }
    if (contents === undefined) return;
    for (const { table } of expectedTablets(contents)) {
      const tally = this.#tables.get(table);
      if (tally !== undefined) tally.tabletCount += 1;
    }
  }

  add(finding: Omit<Finding, 'label'>): void {
    const { kind, effect, table, partition } = finding;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    const tally = table === undefined ? undefined : this.#tables.get(table);
    if (effect === 'leftover') this.#hasLeftovers = true;
    else if (effect === 'unknown') this.#markUnknown(tally);
    else if (tally === undefined) this.#isDamaged = true;
    else {
      tally.isDamaged = true;
      if (partition !== undefined) tally.damagedPartitions.add(partition);
    }
    this.#tell({ ...finding, label: this.#label });
  }

  /** A tablet of which nobody here knows all files. */
  addUnjudged(table: string): void {
    this.unjudgedTablets += 1;
    this.#markUnknown(this.#tables.get(table));
  }

  #markUnknown(tally: TableTally | undefined): void {
    if (tally === undefined) this.#isUnknown = true;
    else tally.isUnknown = true;
  }

  build(): SnapshotReport {
    const tables = [...this.#tables].map(([name, tally]): TableReport => {
      const { partitionCount, tabletCount, damagedPartitions } = tally;
      const verdict = this.#verdictOf(tally);
      return {
        name,
        verdict,
        partitionCount,
        tabletCount,
        damagedPartitions: [...damagedPartitions],
      };
    });
    const verdict = this.#verdict(tables);
    const kinds = FINDING_KINDS.filter((kind) => this.#counts.has(kind));
    return {
      label: this.#label,
      ...(this.#timestamp === undefined ? {} : { timestamp: this.#timestamp }),
      verdict,
      restores: this.#restores(tables, verdict),
      hasLeftovers: this.#hasLeftovers,
      tables,
      tabletCount: tables.reduce((sum, { tabletCount }) => sum + tabletCount, 0),
      unjudgedTablets: this.unjudgedTablets,
      fileCount: this.fileCount,
      sizeBytes: this.sizeBytes,
      filesRead: this.filesRead,
      bytesRead: this.bytesRead,
      findings: Object.fromEntries(kinds.map((kind) => [kind, this.#counts.get(kind) ?? 0])),
    };
  }

  #verdictOf(tally: TableTally): Verdict {
    if (this.#isDamaged || tally.isDamaged) return 'damaged';
    return this.#isUnknown || tally.isUnknown ? 'unknown' : 'whole';
  }

  #verdict(tables: readonly TableReport[]): Verdict {
    const has = (verdict: Verdict): boolean => tables.some((table) => table.verdict === verdict);
    if (this.#isDamaged || has('damaged')) return 'damaged';
    return this.#isUnknown || has('unknown') ? 'unknown' : 'whole';
  }

  #restores(tables: readonly TableReport[], verdict: Verdict): Restores {
    // Without a job info there is no timestamp that RESTORE could name.
    if (this.#isDamaged || this.#timestamp === undefined) return 'no';
    if (verdict === 'unknown') return 'unknown';
    if (verdict === 'whole') return 'yes';
    const has = (one: Verdict): boolean => tables.some((table) => table.verdict === one);
    if (has('whole')) return 'partly';
    return has('unknown') ? 'unknown' : 'no';
  }
}
