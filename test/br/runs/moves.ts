/** What may happen in a random run, as data: `fast-check` makes it and makes it smaller (E2E-42). */
import fc from 'fast-check';

/** A change of the business database; numbers choose among what is there at that moment. */
export interface Change {
  readonly what:
    | 'insert'
    | 'delete'
    | 'truncate'
    | 'truncate-partition'
    | 'add-partition'
    | 'drop-partition'
    | 'drop-table'
    | 'create-table';
  readonly choice: number;
}

/** What befalls a command of `srbr` at one of its statements; statements count from 0. */
export type Strike =
  | { readonly kind: 'none' }
  /** `kill -9`: nothing is sent any more. */
  | { readonly kind: 'kill'; readonly at: number }
  /** The answer is lost, whether the statement was carried out or not, and so are those after it. */
  | {
      readonly kind: 'lost';
      readonly at: number;
      readonly isDone: boolean;
      readonly more: number;
    }
  /** The whole cluster is killed and started again. */
  | {
      readonly kind: 'crash';
      readonly at: number;
      readonly isDone: boolean;
      readonly fate: 'lost' | 'torn' | 'kept';
    }
  | { readonly kind: 'refused'; readonly at: number }
  /** Somebody else changes a table, or cancels what runs. */
  | { readonly kind: 'meddle'; readonly at: number; readonly change: Change }
  | { readonly kind: 'cancel'; readonly at: number };

export type Move =
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'pass'; readonly minutes: number }
  | {
      readonly kind: 'backup';
      readonly type: 'full' | 'incremental' | 'auto';
      readonly group: 'all' | 'g';
      readonly since: 'last-full' | 'last-backup';
      readonly strike: Strike;
    }
  | {
      readonly kind: 'restore';
      readonly choice: number;
      readonly strategy: 'auto' | 'staged' | 'in-place';
      readonly table: 'orders' | undefined;
      readonly dropOld: boolean;
      readonly strike: Strike;
      /** After a kill; and whether a restore that has finished is undone. */
      readonly after: 'go on' | 'undo';
      readonly strikeAfter: Strike;
    }
  | {
      readonly kind: 'prune';
      readonly rule: 'keep-last' | 'snapshot' | 'cascade';
      readonly choice: number;
      readonly strike: Strike;
    };

/** More than any command of a run sends, so that some strikes miss. */
const STATEMENTS_MAX = 90;

const changes: fc.Arbitrary<Change> = fc.record({
  what: fc.oneof(
    { weight: 5, arbitrary: fc.constant('insert' as const) },
    {
      weight: 5,
      arbitrary: fc.constantFrom(
        'delete' as const,
        'truncate' as const,
        'truncate-partition' as const,
        'add-partition' as const,
        'drop-partition' as const,
        'drop-table' as const,
        'create-table' as const,
      ),
    },
  ),
  choice: fc.nat(999),
});

const places = fc.nat(STATEMENTS_MAX);

const strikes: fc.Arbitrary<Strike> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Strike>({ kind: 'none' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('kill' as const), at: places }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('lost' as const),
      at: places,
      isDone: fc.boolean(),
      more: fc.nat(3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      at: places,
      isDone: fc.boolean(),
      fate: fc.constantFrom('lost' as const, 'torn' as const, 'kept' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refused' as const), at: places }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('meddle' as const), at: places, change: changes }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), at: places }) },
);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('change' as const), change: changes }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), minutes: fc.nat(200) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('backup' as const),
      type: fc.constantFrom('full' as const, 'incremental' as const, 'auto' as const),
      group: fc.constantFrom('all' as const, 'g' as const),
      since: fc.constantFrom('last-full' as const, 'last-backup' as const),
      strike: strikes,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('restore' as const),
      choice: fc.nat(999),
      strategy: fc.constantFrom('auto' as const, 'staged' as const, 'in-place' as const),
      table: fc.constantFrom('orders' as const, undefined, undefined),
      dropOld: fc.boolean(),
      strike: strikes,
      after: fc.constantFrom('go on' as const, 'undo' as const),
      strikeAfter: strikes,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('prune' as const),
      rule: fc.constantFrom('keep-last' as const, 'snapshot' as const, 'cascade' as const),
      choice: fc.nat(999),
      strike: strikes,
    }),
  },
);

/** A first full backup, so that most of what follows has something to stand on. */
const FIRST: Move = {
  kind: 'backup',
  type: 'full',
  group: 'all',
  since: 'last-full',
  strike: { kind: 'none' },
};

export function runs(moves: number): fc.Arbitrary<readonly Move[]> {
  return fc.array(move, { minLength: 1, maxLength: moves }).map((rest) => [FIRST, ...rest]);
}
