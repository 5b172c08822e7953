import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TypeName } from '../../../src/base/sql-type.ts';
import type { Column } from '../../../src/catalog/model.ts';
import { rangesIntersect, rangeText } from '../../../src/catalog/partition-range.ts';
import {
  checkRangeColumn,
  definedRanges,
  type NamedRange,
  PARTITIONS_IN_ONE_BATCH_MAX,
  type RangeDefinition,
} from '../../../src/catalog/range-definition.ts';
import type { RangePartitionDef } from '../../../src/sql/ast.ts';

function columnOf(name: TypeName): Column {
  return {
    name: 'k',
    uniqueId: 0,
    type: { name },
    isKey: true,
    isAllowNull: true,
    isAutoIncrement: false,
    comment: '',
  };
}

const DATE = [columnOf('DATE')];
const INT = [columnOf('INT')];
const properties: ReadonlyMap<string, string> = new Map();

function lessThan(name: string, ...texts: readonly string[]): RangeDefinition {
  const upper = texts.map((text) => ({ kind: 'value', text }) as const);
  return { kind: 'less-than', name, ifNotExists: false, upper, properties };
}

function upTo(name: string): RangeDefinition {
  const upper = [{ kind: 'maxvalue' } as const];
  return { kind: 'less-than', name, ifNotExists: false, upper, properties };
}

function fixed(name: string, low: string, high: string): RangeDefinition {
  const bound = (text: string) => [{ kind: 'value', text } as const];
  const ends = { lower: bound(low), upper: bound(high) };
  return { kind: 'fixed', name, ifNotExists: false, ...ends, properties };
}

function batch(start: string, end: string, step: number, unit?: string): RangeDefinition {
  return { kind: 'batch', start, end, step, unit };
}

function texts(ranges: readonly NamedRange[], columns: readonly Column[]): string[] {
  return ranges.map(({ name, range }) => {
    const short = rangeText(range, columns).replaceAll(/types: \[\w+(?:, \w+)*\]; keys: /g, '');
    return `${name} ${short.replaceAll('; ', '')}`;
  });
}

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('VALUES LESS THAN', () => {
  test('starts where the range below ends, the first at the minimum', () => {
    const list = [lessThan('p1', '2024-1-1'), lessThan('p2', '2024-02-01'), upTo('p3')];
    expect(texts(definedRanges(list, DATE, []), DATE)).toEqual([
      'p1 [[0000-01-01]..[2024-01-01])',
      'p2 [[2024-01-01]..[2024-02-01])',
      'p3 [[2024-02-01]..[MAXVALUE])',
    ]);
  });

  test('goes on from partitions that are there', () => {
    const existing = definedRanges([fixed('p1', '1', '5'), fixed('p2', '5', '9')], INT, []);
    expect(texts(definedRanges([lessThan('p3', '20')], INT, existing), INT)).toEqual([
      'p3 [[9]..[20])',
    ]);
  });

  test('below partitions that are there reaches into the gap only', () => {
    const existing = definedRanges([fixed('p1', '10', '20')], INT, []);
    expect(texts(definedRanges([lessThan('p0', '10')], INT, existing), INT)).toEqual([
      'p0 [[-2147483648]..[10])',
    ]);
    expect(() => definedRanges([lessThan('p0', '15')], INT, existing)).toThrowError(
      code('bad-partition-range'),
    );
  });

  test('of several columns fills what is missing with the minimum', () => {
    const columns = [columnOf('INT'), columnOf('DATE')];
    const list = [lessThan('p1', '5'), lessThan('p2', '5', '2024-01-01'), upTo('p3')];
    expect(texts(definedRanges(list, columns, []), columns)).toEqual([
      'p1 [[-2147483648, 0000-01-01]..[5, 0000-01-01])',
      'p2 [[5, 0000-01-01]..[5, 2024-01-01])',
      'p3 [[5, 2024-01-01]..[MAXVALUE, MAXVALUE])',
    ]);
  });
});

describe('what is refused', () => {
  test('a name twice, unless IF NOT EXISTS', () => {
    const twice = [fixed('p', '1', '2'), fixed('p', '2', '3')];
    expect(() => definedRanges(twice, INT, [])).toThrowError('Duplicate partition name p');
    expect(() => definedRanges(twice, INT, [])).toThrowError(code('duplicate-partition'));
    const existing = definedRanges([fixed('p', '1', '2')], INT, []);
    const soft: RangeDefinition = { ...fixed('p', '7', '8'), ifNotExists: true } as RangeDefinition;
    expect(definedRanges([soft], INT, existing)).toEqual([]);
  });

  test.each(['1p', 'a-b', '', 'placeholder_x', 'p'.repeat(65)])('the name %j', (name) => {
    expect(() => definedRanges([fixed(name, '1', '2')], INT, [])).toThrowError(
      code('bad-partition-name'),
    );
  });

  test('ranges that overlap, with both named', () => {
    const list = [fixed('a', '1', '5'), fixed('b', '4', '9')];
    expect(() => definedRanges(list, INT, [])).toThrowError(
      'Range [types: [INT]; keys: [4]; ..types: [INT]; keys: [9]; ) is intersected with range: ' +
        '[types: [INT]; keys: [1]; ..types: [INT]; keys: [5]; )',
    );
  });

  test.each([
    ['an empty range', fixed('p', '5', '5')],
    ['a range upside down', fixed('p', '5', '1')],
    ['a range below everything', lessThan('p', '-2147483648')],
    ['a value of another type', lessThan('p', 'x')],
    ['more values than columns', lessThan('p', '1', '2')],
    ['a step of 0', batch('1', '5', 0)],
    ['a unit for numbers', batch('1', '5', 1, 'DAY')],
    ['no number', batch('1', 'x', 1)],
    ['a batch that ends before it starts', batch('5', '5', 1)],
  ])('%s', (_, definition) => {
    expect(() => definedRanges([definition], INT, [])).toThrowError(code('bad-partition-range'));
  });

  test.each([
    ['no unit for dates', batch('2024-01-01', '2024-01-05', 1)],
    ['a unit that is none', batch('2024-01-01', '2024-01-05', 1, 'MINUTE')],
    ['hours of a DATE', batch('2024-01-01', '2024-01-02', 1, 'HOUR')],
    ['no dates', batch('1', '5', 1, 'DAY')],
    ['dates upside down', batch('2024-01-05', '2024-01-01', 1, 'DAY')],
  ])('%s', (_, definition) => {
    expect(() => definedRanges([definition], DATE, [])).toThrowError(code('bad-partition-range'));
  });

  test('more partitions than one batch may make', () => {
    const most = PARTITIONS_IN_ONE_BATCH_MAX;
    expect(definedRanges([batch('0', String(most), 1)], INT, [])).toHaveLength(most);
    expect(() => definedRanges([batch('0', String(most + 1), 1)], INT, [])).toThrowError(
      code('limit-reached'),
    );
  });

  test('columns that have no ranges', () => {
    for (const name of ['VARCHAR', 'DOUBLE', 'DECIMAL', 'BOOLEAN', 'JSON'] as const) {
      expect(() => checkRangeColumn(columnOf(name))).toThrowError(
        `Column[k] type[${name}] cannot be a range partition key.`,
      );
    }
    for (const name of ['TINYINT', 'LARGEINT', 'DATE', 'DATETIME'] as const) {
      checkRangeColumn(columnOf(name));
    }
  });
});

describe('START END EVERY', () => {
  test.each([
    [
      'numbers, the last as long as the others',
      INT,
      batch('1', '6', 2),
      ['p1 [[1]..[3])', 'p3 [[3]..[5])', 'p5 [[5]..[7])'],
    ],
    [
      'days',
      DATE,
      batch('2024-02-28', '2024-03-02', 1, 'DAY'),
      [
        'p20240228 [[2024-02-28]..[2024-02-29])',
        'p20240229 [[2024-02-29]..[2024-03-01])',
        'p20240301 [[2024-03-01]..[2024-03-02])',
      ],
    ],
    [
      'pairs of days, the last as long as the others',
      DATE,
      batch('2024-01-01', '2024-01-04', 2, 'DAY'),
      ['p20240101 [[2024-01-01]..[2024-01-03])', 'p20240103 [[2024-01-03]..[2024-01-05])'],
    ],
    [
      'weeks, cut to Mondays and to the end',
      DATE,
      batch('2024-01-31', '2024-02-14', 1, 'week'),
      [
        'p2024_05 [[2024-01-31]..[2024-02-05])',
        'p2024_06 [[2024-02-05]..[2024-02-12])',
        'p2024_07 [[2024-02-12]..[2024-02-14])',
      ],
    ],
    [
      'the week over New Year',
      DATE,
      batch('2019-12-30', '2020-01-13', 1, 'WEEK'),
      ['p2019_53 [[2019-12-30]..[2020-01-06])', 'p2020_02 [[2020-01-06]..[2020-01-13])'],
    ],
    [
      'months',
      DATE,
      batch('2023-11-15', '2024-02-01', 1, 'MONTH'),
      [
        'p202311 [[2023-11-15]..[2023-12-01])',
        'p202312 [[2023-12-01]..[2024-01-01])',
        'p202401 [[2024-01-01]..[2024-02-01])',
      ],
    ],
    [
      'years',
      DATE,
      batch('2023-01-01', '2025-01-01', 1, 'YEAR'),
      ['p2023 [[2023-01-01]..[2024-01-01])', 'p2024 [[2024-01-01]..[2025-01-01])'],
    ],
    [
      'hours',
      [columnOf('DATETIME')],
      batch('2024-01-01 22:00:00', '2024-01-02', 1, 'HOUR'),
      [
        'p2024010122 [[2024-01-01 22:00:00]..[2024-01-01 23:00:00])',
        'p2024010123 [[2024-01-01 23:00:00]..[2024-01-02 00:00:00])',
      ],
    ],
  ] as const)('makes %s', (_, columns, definition, expected) => {
    expect(texts(definedRanges([definition], columns, []), columns)).toEqual(expected);
  });

  test('covers from start to end without gap or overlap', () => {
    const units = fc.constantFrom('DAY', 'WEEK', 'MONTH', 'YEAR');
    fc.assert(
      fc.property(units, fc.integer({ min: 1, max: 3 }), fc.nat(300), (unit, step, days) => {
        const start = new Date(Date.UTC(2023, 0, 1 + days)).toISOString().slice(0, 10);
        const ranges = definedRanges([batch(start, '2025-06-30', step, unit)], DATE, []);
        expect(ranges[0]?.range.lower).toEqual([{ kind: 'value', text: start }]);
        ranges.forEach((one, at) => {
          if (at > 0) expect(one.range.lower).toEqual(ranges[at - 1]?.range.upper);
        });
        const last = ranges.at(-1)?.range.upper[0];
        const end = last?.kind === 'value' ? last.text : '';
        if (unit === 'DAY') expect(end >= '2025-06-30').toBe(true);
        else expect(end).toBe('2025-06-30');
      }),
      { numRuns: 40 },
    );
  });
});

test('whatever is accepted never intersects, one by one or all at once', () => {
  const part = fc.tuple(fc.nat(30), fc.nat(30), fc.boolean());
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      let accepted: readonly NamedRange[] = [];
      const definitions: RangeDefinition[] = [];
      parts.forEach(([low, high, isFixed], at) => {
        const name = `p${at}`;
        const one = isFixed ? fixed(name, `${low}`, `${high}`) : lessThan(name, `${high}`);
        try {
          accepted = [...accepted, ...definedRanges([one], INT, accepted)];
          definitions.push(one);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-partition-range' });
        }
      });
      const atOnce = definedRanges(definitions, INT, []);
      expect(atOnce.map((one) => one.range)).toEqual(accepted.map((one) => one.range));
      for (const a of accepted) {
        for (const b of accepted) {
          if (a !== b) expect(rangesIntersect(a.range, b.range, INT)).toBe(false);
        }
      }
    }),
  );
});

test('the definitions of the parser are taken as they are', () => {
  const parsed: RangePartitionDef[] = [];
  expect(definedRanges(parsed, INT, [])).toEqual([]);
});
