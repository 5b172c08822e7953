/** Materialized views for property tests of the codec: any names, any versions. */
import fc from 'fast-check';
import { present } from '../../../src/base/assert.ts';
import { asId, type DbId, type TableId } from '../../../src/base/ids.ts';
import {
  type MaterializedViewInfo,
  MV_REFRESH_MOMENTS,
  MV_REFRESH_TYPES,
  MV_TIME_UNITS,
  type MvRefreshScheme,
} from '../../../src/catalog/materialized-view.ts';

const NAME = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_]{0,7}$/),
  fc.constantFrom('__proto__', '10', 'a"b\\c'),
);
const TEXT = fc.string({ maxLength: 8 });
const ID = fc.integer({ min: 1, max: 2 ** 40 });

const REFRESH: fc.Arbitrary<MvRefreshScheme> = fc.record(
  {
    type: fc.constantFrom(...MV_REFRESH_TYPES),
    moment: fc.constantFrom(...MV_REFRESH_MOMENTS),
    every: fc.record({ step: fc.integer({ min: 1 }), unit: fc.constantFrom(...MV_TIME_UNITS) }),
    startMs: fc.nat(),
  },
  { requiredKeys: ['type', 'moment'] },
);

const VERSIONS = fc
  .uniqueArray(
    fc.tuple(
      NAME,
      fc.record({
        id: ID.map((id) => asId<never>(id)),
        version: fc.nat(),
        refreshTimeMs: fc.nat(),
      }),
    ),
    { selector: ([name]) => name, maxLength: 3 },
  )
  .map((pairs) => new Map(pairs));

export const MATERIALIZED_VIEW: fc.Arbitrary<MaterializedViewInfo> = fc
  .record(
    {
      dbId: ID.map((id) => asId<DbId>(id)),
      definition: TEXT,
      resolvedDefinition: TEXT,
      pipesAsConcat: fc.boolean(),
      baseTables: fc.array(
        fc.record({
          dbId: ID.map((id) => asId<DbId>(id)),
          dbName: NAME,
          tableId: ID.map((id) => asId<TableId>(id)),
          tableName: NAME,
        }),
        { maxLength: 3 },
      ),
      isActive: fc.boolean(),
      inactiveReason: TEXT,
      refresh: REFRESH,
      baseTableVersions: fc
        .uniqueArray(
          fc.tuple(
            ID.map((id) => asId<TableId>(id)),
            VERSIONS,
          ),
          {
            selector: ([id]) => id,
            maxLength: 3,
          },
        )
        .map((pairs) => new Map(pairs)),
      lastRefreshTimeMs: fc.nat(),
      partitionExpr: fc.record({
        dbName: NAME,
        tableName: NAME,
        columnName: NAME,
        baseTableAt: fc.nat(3),
      }),
    },
    {
      requiredKeys: [
        'dbId',
        'definition',
        'resolvedDefinition',
        'pipesAsConcat',
        'baseTables',
        'isActive',
        'inactiveReason',
        'refresh',
        'baseTableVersions',
        'lastRefreshTimeMs',
      ],
    },
  )
  .map((info) => info as MaterializedViewInfo);

export const SAMPLE_MATERIALIZED_VIEW: MaterializedViewInfo = present(
  fc.sample(MATERIALIZED_VIEW, { numRuns: 1, seed: 3 })[0],
  'a sample',
);
