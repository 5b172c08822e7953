import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokenize } from '../../../src/sql/lexer.ts';
import { quoteName, quoteString } from '../../../src/sql/literal.ts';
import { errorOf } from './support.ts';

const tokens = (text: string): readonly (readonly [string, string])[] =>
  tokenize(text)
    .slice(0, -1)
    .map(({ kind, value }) => [kind, value] as const);

describe('words and numbers', () => {
  test.each([
    ['2024_dump', [['digit-word', '2024_dump']]],
    ['2024', [['number', '2024']]],
    ['1e5', [['number', '1e5']]],
    ['1e5x', [['digit-word', '1e5x']]],
    ['1e', [['digit-word', '1e']]],
    ['1.5E-3', [['number', '1.5E-3']]],
    ['1.', [['number', '1.']]],
    ['.5', [['number', '.5']]],
    ['.5e2', [['number', '.5e2']]],
    [
      'db.2024_dump',
      [
        ['word', 'db'],
        ['symbol', '.'],
        ['digit-word', '2024_dump'],
      ],
    ],
    [
      '$a_1 _b é9',
      [
        ['word', '$a_1'],
        ['word', '_b'],
        ['word', 'é9'],
      ],
    ],
    [
      'a\u3000b',
      [
        ['word', 'a'],
        ['word', 'b'],
      ],
    ],
    [
      '`a``b` ``',
      [
        ['quoted-name', 'a`b'],
        ['quoted-name', ''],
      ],
    ],
    [
      'a<=>b',
      [
        ['word', 'a'],
        ['symbol', '<=>'],
        ['word', 'b'],
      ],
    ],
    [
      'a<>b||c',
      [
        ['word', 'a'],
        ['symbol', '<>'],
        ['word', 'b'],
        ['symbol', '||'],
        ['word', 'c'],
      ],
    ],
    [
      'x:=1',
      [
        ['word', 'x'],
        ['symbol', ':='],
        ['number', '1'],
      ],
    ],
  ])('%j is read as %j', (text, expected) => {
    expect(tokens(text)).toEqual(expected);
  });

  test('the key of a word is its upper case, and only ASCII words have one', () => {
    expect(tokenize('SeLeCt').at(0)?.key).toBe('SELECT');
    expect(tokenize('ſelect').at(0)?.key).toBe('');
    expect(tokenize('`select`').at(0)?.key).toBe('');
  });
});

describe('strings', () => {
  test.each([
    [`'a'`, 'a'],
    [`"a"`, 'a'],
    [`'it''s'`, "it's"],
    [`"say ""hi"""`, 'say "hi"'],
    [`'"'`, '"'],
    [`"'"`, "'"],
    [String.raw`'\n\t\r\b\0\Z\\\'\"'`, '\n\t\r\b\0\x1a\\\'"'],
    [String.raw`'\%\_'`, String.raw`\%\_`],
    [String.raw`'\q'`, 'q'],
    [`''`, ''],
    [`'a\nb'`, 'a\nb'],
  ])('%j stands for %j', (literal, value) => {
    expect(tokens(literal)).toEqual([['string', value]]);
  });

  test('adjacent literals stay apart', () => {
    expect(tokens(`'a' 'b'`)).toHaveLength(2);
  });

  test('X quotes make bytes', () => {
    expect([...(tokenize(`x'0aFF'`).at(0)?.bytes ?? [])]).toEqual([10, 255]);
    expect(errorOf(`SELECT X'0a f'`).message).toContain(`Unexpected input 'X'0a f''`);
  });

  test('any value comes back from its quoted form', () => {
    const unit = fc.constantFrom(...'\'\\%_nZ"a \n\r\t\b\0é', '😀', '\x1a', '\ud800');
    for (const text of [fc.string(), fc.string({ unit })]) {
      fc.assert(
        fc.property(text, (value) => {
          expect(tokens(quoteString(value))).toEqual([['string', value]]);
        }),
      );
    }
  });

  test('any name comes back from its quoted form', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(tokens(quoteName(name))).toEqual([['quoted-name', name]]);
      }),
    );
  });
});

describe('what is skipped', () => {
  test.each([
    'a -- to the end\nb',
    'a --no blank needed\nb',
    'a /* in \n between */ b',
    'a /*! 40100 SET x */ b',
    'a /*+ SET_VAR(query_timeout=1) */ b',
    'a/**/b',
    '\r\n\t \u3000a b',
  ])('%j has two words', (text) => {
    expect(tokens(text)).toEqual([
      ['word', 'a'],
      ['word', 'b'],
    ]);
  });

  test('a comment ends a word', () => {
    expect(tokens('1--2')).toEqual([['number', '1']]);
  });
});

describe('what has no end is an error where it begins', () => {
  test.each([
    [`SELECT\n 'abc`, 2, 2, "'"],
    [`SELECT "abc\\"`, 1, 8, '"'],
    ['SELECT `abc', 1, 8, '`'],
    ['SELECT 1 /* abc', 1, 10, '/*'],
    ['SELECT\n1 # comment', 2, 3, '#'],
    ['SELECT \\', 1, 8, '\\'],
    [`SELECT X'00`, 1, 8, 'X'],
  ])('%j', (text, line, column, token) => {
    const error = errorOf(text);
    expect(error.code).toBe('syntax');
    expect(error.message).toMatch(`at line ${line}, column ${column - 1}.`);
    expect(error.message).toContain(`Unexpected input '${token}'`);
  });
});

// No piece ends in x: before a quote it would begin a hexadecimal literal.
test('tokens and gaps make up the text, and gaps hold only blanks and comments', () => {
  const piece = fc.constantFrom(
    'select',
    ' ',
    '\n',
    '\u3000',
    '--x\n',
    '/* y */',
    "'s''t'",
    '"u"',
    '`v`',
    '1',
    '.',
    '.5',
    '2k',
    '<=',
    '>',
    '||',
    '@',
    '(',
    ')',
    ',',
    ';',
    'é',
    "X'00'",
    '1.5e3',
    '->',
    '-',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      // A minus before a piece that begins with one, or a slash before a star, is a comment.
      const text = pieces.join('').replaceAll('/*', ' /*');
      let at = 0;
      let rebuilt = '';
      for (const token of tokenize(`${text}\n`)) {
        const gap = text.slice(at, token.offset);
        expect(gap).toMatch(/^(?:[ \n\u3000]|--[^\n]*|\/\*[\s\S]*?\*\/)*$/);
        rebuilt += gap + text.slice(token.offset, token.end);
        at = token.end;
      }
      expect(rebuilt).toBe(text);
    }),
  );
});

test('lines and columns count from 1', () => {
  const at = tokenize('a\r\n  bc /* \n */ d').map(({ line, column }) => [line, column]);
  expect(at).toEqual([
    [1, 1],
    [2, 3],
    [3, 5],
    [3, 6],
  ]);
});
