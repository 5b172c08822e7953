/** Every criterion and scenario of br-cli.md has a test whose title opens with its id. */
import { expect, test } from 'vitest';
import { readSources } from '../tidy/source.ts';

/** How many there are of each kind; they count from 1. */
const COUNTS: Readonly<Record<string, number>> = {
  'AC-AUDIT': 1,
  'AC-AUTO': 5,
  'AC-CFG': 6,
  'AC-CHAIN': 8,
  'AC-CMD': 3,
  'AC-CONN': 4,
  'AC-CUT': 5,
  'AC-DR': 4,
  'AC-DRILL': 2,
  'AC-FULL': 5,
  'AC-HIST': 3,
  'AC-INC': 12,
  'AC-INV': 5,
  'AC-LBL': 5,
  'AC-LIST': 2,
  'AC-MON': 4,
  'AC-OPS': 6,
  'AC-OUT': 2,
  'AC-POLL': 5,
  'AC-PRE': 5,
  'AC-PRUNE': 11,
  'AC-REST': 14,
  'AC-RUN': 1,
  'AC-SLOT': 9,
  E2E: 42,
};

function idOf(kind: string, number: number): string {
  return `${kind}-${kind === 'E2E' ? String(number).padStart(2, '0') : number}`;
}

/** `AC-CUT-1, E2E-26: ...`, `AC-PRUNE-1 to AC-PRUNE-4: ...`. */
function idsIn(title: string): readonly string[] {
  return title.split(',').flatMap((part) => {
    const [from = '', to = from] = part.trim().split(' to ');
    const [, kind = '', first] = /^(AC-[A-Z]+|E2E)-(\d+)$/.exec(from) ?? [];
    const last = /-(\d+)$/.exec(to)?.[1];
    const count = Number(last) - Number(first) + 1;
    return Array.from({ length: count || 0 }, (_, index) => idOf(kind, Number(first) + index));
  });
}

const wanted = Object.entries(COUNTS).flatMap(([kind, count]) =>
  Array.from({ length: count }, (_, index) => idOf(kind, index + 1)),
);

const shown = new Set(
  readSources('test').flatMap(({ text }) =>
    [...text.matchAll(/['"`]((?:AC|E2E)-[^'"`:\n]+): /g)].flatMap(([, ids = '']) => idsIn(ids)),
  ),
);

test('each id of the list opens the title of a test, and no title has another', () => {
  expect(wanted.filter((id) => !shown.has(id))).toEqual([]);
  expect([...shown].filter((id) => !wanted.includes(id))).toEqual([]);
});
