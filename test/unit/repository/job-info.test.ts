import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  BackupIndexInfo,
  BackupJobInfo,
  BackupPartitionInfo,
  BackupTableInfo,
} from '../../../src/repository/job-info.ts';
import {
  briefJobInfo,
  CURRENT_JOB_INFO_FORM,
  encodeJobInfo,
} from '../../../src/repository/job-info-codec.ts';
import { decodeJobInfo } from '../../../src/repository/job-info-reader.ts';
import { md5Of } from './support.ts';

const OLD_FORM = { ...CURRENT_JOB_INFO_FORM, infoUsesSubPartitions: false };

const EMPTY: BackupJobInfo = {
  name: 's0',
  dbName: 'db1',
  dbId: 10001,
  backupTimeMs: 1_700_000_000_123,
  tables: new Map(),
  success: true,
  metaVersion: 92,
  starrocksMetaVersion: 3,
};

const index = (name: string, id: number, tabletIds: readonly number[]): BackupIndexInfo => ({
  name,
  id,
  schemaHash: 368169781,
  tabletIds,
});

const partition = (name: string, changes: Partial<BackupPartitionInfo>): BackupPartitionInfo => ({
  name,
  id: 10011,
  version: 7,
  indexes: new Map(),
  subPartitions: new Map(),
  ...changes,
});

function infoWith(...partitions: readonly BackupPartitionInfo[]): BackupJobInfo {
  const table: BackupTableInfo = {
    name: 't',
    id: 10010,
    partitions: new Map(partitions.map((each) => [each.name, each])),
  };
  return { ...EMPTY, name: 's1', tables: new Map([['t', table]]) };
}

const indexes = new Map([['t', index('t', 10013, [10014, 10016])]]);
const SUB = infoWith(
  partition('t', { subPartitions: new Map([[10012, { id: 10012, version: 7, indexes }]]) }),
);

const onePartition = (fields: object): string =>
  JSON.stringify({
    name: 's1',
    database: 'db1',
    id: 1,
    backup_time: 2,
    backup_result: 'succeed',
    backup_objects: { t: { id: 3, partitions: { p: { id: 4, version: 5, ...fields } } } },
  });

const readPartition = (fields: object): BackupPartitionInfo | undefined =>
  decodeJobInfo(onePartition(fields)).tables.get('t')?.partitions.get('p');

const INDEX = { id: 6, schema_hash: 7, tablets: { 9: [], 8: ['x.hdr.0'], 10: [] } };

describe('writing', () => {
  test('an empty snapshot is written byte for byte as StarRocks may', () => {
    const text = encodeJobInfo(EMPTY);
    expect(text).toBe(
      '{"name":"s0","database":"db1","id":10001,"backup_time":1700000000123,"backup_objects":{},' +
        '"meta_version":92,"starrocks_meta_version":3,"backup_result":"succeed"}',
    );
    expect(Buffer.byteLength(text)).toBe(160);
    expect(md5Of(text)).toBe('563d1d10b728b24b0d10fe0100cddfb8');
  });

  test('tables, partitions and indexes have the form of 3.5', () => {
    expect(JSON.parse(encodeJobInfo(SUB))).toEqual({
      name: 's1',
      database: 'db1',
      id: 10001,
      backup_time: 1700000000123,
      meta_version: 92,
      starrocks_meta_version: 3,
      backup_result: 'succeed',
      backup_objects: {
        t: {
          id: 10010,
          partitions: {
            t: {
              id: 10011,
              version: 7,
              version_hash: 0,
              indexes: {},
              subPartitions: {
                10012: {
                  id: 10012,
                  version: 7,
                  indexes: {
                    t: {
                      id: 10013,
                      schema_hash: 368169781,
                      tablets: { 10014: [], 10016: [] },
                      tablets_order: ['10014', '10016'],
                    },
                  },
                },
              },
            },
          },
        },
      },
    });
  });

  test('3.3 puts the indexes of a single physical partition in the older place', () => {
    const single = infoWith(
      partition('p', { subPartitions: new Map([[10011, { id: 10011, version: 7, indexes }]]) }),
    );
    const json = JSON.parse(encodeJobInfo(single, OLD_FORM));
    const written = json.backup_objects.t.partitions.p;
    expect(Object.keys(written.indexes)).toEqual(['t']);
    expect(written.subPartitions).toEqual({});
  });

  test('3.3 keeps several physical partitions, or one with its own id, in the newer place', () => {
    for (const ids of [[10012], [10011, 10012]]) {
      const subPartitions = new Map(ids.map((id) => [id, { id, version: 7, indexes }]));
      const json = JSON.parse(encodeJobInfo(infoWith(partition('p', { subPartitions })), OLD_FORM));
      const written = json.backup_objects.t.partitions.p;
      expect(written.indexes).toEqual({});
      expect(Object.keys(written.subPartitions)).toEqual(ids.map(String));
    }
  });

  test('a file of 3.3 rewritten by 3.5 leads to the same paths', () => {
    const old = infoWith(partition('p', { indexes }));
    const json = JSON.parse(encodeJobInfo(old));
    expect(json.backup_objects.t.partitions.p.indexes).toEqual({});
    expect(json.backup_objects.t.partitions.p.subPartitions['10011'].id).toBe(10011);
  });

  test('names are escaped as the JSON library of StarRocks does', () => {
    const text = encodeJobInfo({ ...EMPTY, name: 'a"b</c>\u0085\u2028é' });
    expect(text).toContain('"name":"a\\"b<\\/c>\\u0085\\u2028é"');
    expect(decodeJobInfo(text).name).toBe('a"b</c>\u0085\u2028é');
  });

  test('what only later releases know is written when set, and never as null', () => {
    const text = encodeJobInfo({
      ...EMPTY,
      clusterId: 5,
      finishTimeMs: 6,
      ttl: '7 DAY',
      expireTimeMs: 8,
    });
    expect(text.endsWith(',"cluster_id":5,"finish_time":6,"ttl":"7 DAY","expire_time":8}')).toBe(
      true,
    );
    expect(encodeJobInfo(EMPTY)).not.toContain('ttl');
  });

  test('the versions are those of the writer, also of what was read (quirks Q18, #32)', () => {
    const foreign = encodeJobInfo(EMPTY).replace('"meta_version":92', '"meta_version":1');
    const read = decodeJobInfo(foreign.replace('_meta_version":3', '_meta_version":2'));
    expect([read.metaVersion, read.starrocksMetaVersion]).toEqual([1, 2]);
    const text = encodeJobInfo(read);
    expect(text).toContain('"meta_version":92,"starrocks_meta_version":3');
  });
});

describe('the brief form', () => {
  test('has names and no ids, indented by one, with single entries on their line', () => {
    const view: BackupTableInfo = { name: 'v', id: 5, partitions: new Map() };
    const orders: BackupTableInfo = {
      name: 'o',
      id: 6,
      autoIncrementId: 500001,
      partitions: new Map([
        ['p1', partition('p1', {})],
        ['p2', partition('p2', {})],
      ]),
    };
    const tables = new Map([
      ['v', view],
      ['o', orders],
    ]);
    expect(briefJobInfo({ ...EMPTY, tables })).toBe(
      [
        '{',
        ' "name": "s0",',
        ' "database": "db1",',
        ' "backup_time": 1700000000123,',
        ' "backup_objects": {',
        '  "v": {"partitions": {}},',
        '  "o": {',
        '   "autoIncrementId": 500001,',
        '   "partitions": {',
        '    "p1": {},',
        '    "p2": {}',
        '   }',
        '  }',
        ' },',
        ' "meta_version": 92,',
        ' "starrocks_meta_version": 3,',
        ' "backup_result": "succeed"',
        '}',
      ].join('\n'),
    );
  });
});

describe('reading', () => {
  test('the example of StarRocks 3.5 is read', () => {
    expect(decodeJobInfo(encodeJobInfo(SUB))).toEqual(SUB);
  });

  test('rule 1: the order of tablets is that of tablets_order, as text or as numbers', () => {
    for (const order of [
      ['10', '8', '9'],
      [10, 8, 9],
    ]) {
      const read = readPartition({ indexes: { t: { ...INDEX, tablets_order: order } } });
      expect(read?.indexes.get('t')?.tabletIds).toEqual([10, 8, 9]);
    }
  });

  test('rule 1: without an order the tablets are in ascending order', () => {
    for (const extra of [{}, { tablets_order: [] }]) {
      const read = readPartition({ indexes: { t: { ...INDEX, ...extra } } });
      expect(read?.indexes.get('t')?.tabletIds).toEqual([8, 9, 10]);
    }
  });

  test.each([[['8', '9']], [['8', '9', '10', '11']], [['8', '9', '9']], [['8', '9', '11']]])(
    'rule 2: the order %j does not list the tablets',
    (order) => {
      const text = onePartition({ indexes: { t: { ...INDEX, tablets_order: order } } });
      expect(() => decodeJobInfo(text)).toThrow(
        'backup_objects.t.partitions.p.indexes.t.tablets_order',
      );
    },
  );

  test('rule 3: an index without tablets is refused by name', () => {
    const text = onePartition({ indexes: { t: { ...INDEX, tablets: {} } } });
    expect(() => decodeJobInfo(text)).toThrow(
      'no tablets in backup_objects.t.partitions.p.indexes.t',
    );
  });

  test('rule 4: trouble inside subPartitions keeps what was read before it', () => {
    const good = { id: 1, version: 5, indexes: {} };
    const read = readPartition({ indexes: {}, subPartitions: { 1: good, 2: { id: 2 }, 3: good } });
    expect([...(read?.subPartitions.keys() ?? [])]).toEqual([1]);
    expect(readPartition({ indexes: {}, subPartitions: 'x' })?.subPartitions.size).toBe(0);
    expect(readPartition({ indexes: {} })?.subPartitions.size).toBe(0);
  });

  test('rules 2 and 3 hold inside subPartitions too, where other trouble is passed over', () => {
    for (const bad of [{ tablets: {} }, { tablets_order: ['8'] }]) {
      const sub = { id: 1, version: 5, indexes: { t: { ...INDEX, ...bad } } };
      const text = onePartition({ indexes: {}, subPartitions: { 1: sub } });
      expect(() => decodeJobInfo(text)).toThrow('malformed job info');
    }
  });

  test('rules 5 and 6: no tables are fine, and so are keys that nobody knows', () => {
    const text = encodeJobInfo(EMPTY).replace('{', '{"from_the_future":{"x":[1]},');
    expect(decodeJobInfo(text)).toEqual(EMPTY);
  });

  test('missing versions are those of the reader, and an odd autoIncrementId is none', () => {
    const info = decodeJobInfo(
      onePartition({ indexes: {} }).replace('"id":3', '"id":3,"autoIncrementId":"much"'),
    );
    expect(info).toMatchObject({ metaVersion: 92, starrocksMetaVersion: 3 });
    expect(info.tables.get('t')).not.toHaveProperty('autoIncrementId');
  });

  test('any other result than succeed is no success', () => {
    expect(decodeJobInfo(encodeJobInfo(EMPTY).replace('succeed', 'failed')).success).toBe(false);
  });

  test.each(['name', 'database', 'id', 'backup_time', 'backup_result', 'backup_objects'])(
    'without %s it is refused, and the text says so',
    (key) => {
      const json = JSON.parse(encodeJobInfo(EMPTY));
      delete json[key];
      expect(() => decodeJobInfo(JSON.stringify(json))).toThrow(new RegExp(`malformed.*${key}`));
    },
  );

  test('a database name that is no string is refused', () => {
    expect(() => decodeJobInfo(encodeJobInfo(EMPTY).replace('"db1"', '1'))).toThrow('database');
  });

  test('names that mean something to JavaScript are just names', () => {
    const odd = infoWith(partition('__proto__', {}), partition('constructor', {}));
    const read = decodeJobInfo(encodeJobInfo(odd));
    expect([...(read.tables.get('t')?.partitions.keys() ?? [])]).toEqual([
      '__proto__',
      'constructor',
    ]);
  });
});

const ids = fc.integer({ min: 1, max: 2 ** 40 });
const name = fc.string({ minLength: 1, maxLength: 6 });
const indexArb = fc.record({
  id: ids,
  schemaHash: fc.integer(),
  tabletIds: fc.uniqueArray(ids, { minLength: 1, maxLength: 5 }),
});
const indexMap = fc
  .uniqueArray(fc.tuple(name, indexArb), { selector: ([key]) => key, maxLength: 3 })
  .map((list) => new Map(list.map(([key, value]) => [key, { name: key, ...value }])));
const partitionArb = fc
  .tuple(
    ids,
    ids,
    fc.uniqueArray(fc.tuple(ids, indexMap), { selector: ([id]) => id, maxLength: 3 }),
  )
  .map(([id, version, subs]) => ({
    id,
    version,
    indexes: new Map<string, BackupIndexInfo>(),
    subPartitions: new Map(subs.map(([sub, map]) => [sub, { id: sub, version, indexes: map }])),
  }));
const infoArb = fc
  .uniqueArray(fc.tuple(name, ids, fc.option(ids), fc.dictionary(name, partitionArb)), {
    selector: ([key]) => key,
    maxLength: 3,
  })
  .map(
    (tables): BackupJobInfo => ({
      ...EMPTY,
      tables: new Map(
        tables.map(([key, id, auto, partitions]) => [
          key,
          {
            name: key,
            id,
            ...(auto === null ? {} : { autoIncrementId: auto }),
            partitions: new Map(
              Object.entries(partitions).map(([p, rest]) => [p, { name: p, ...rest }]),
            ),
          },
        ]),
      ),
    }),
  );

test('invariants 27 and 28: reading and writing again gives the same JSON', () => {
  fc.assert(
    fc.property(infoArb, (info) => {
      const text = encodeJobInfo(info);
      const read = decodeJobInfo(text);
      expect(read).toEqual(info);
      expect(JSON.parse(encodeJobInfo(read))).toEqual(JSON.parse(text));
    }),
  );
});
