/** Rollups and synchronous views of aggregate tables. */
import { expect, test } from 'vitest';
import { rowsOf } from './support/index-rows.ts';
import { World } from './support/world.ts';

test('a rollup of an aggregate table aggregates further, and so does a view of it', () => {
  const at = new World();
  at.run(`CREATE DATABASE d;
    CREATE TABLE d.t (k INT, l INT, s BIGINT SUM, m INT MAX, w INT REPLACE) AGGREGATE KEY (k, l)
      DISTRIBUTED BY HASH (k) BUCKETS 2 ROLLUP (r (k, s));
    INSERT INTO d.t VALUES (1, 1, 10, 5, 7), (1, 2, 20, 4, 8), (2, 1, 1, 1, 1);
    CREATE MATERIALIZED VIEW d.v AS SELECT k, max(m), sum(s) FROM d.t GROUP BY k;
    INSERT INTO d.t VALUES (1, 1, 100, 9, 70)`);
  expect(rowsOf(at, 'r')).toEqual(['1|130', '2|1']);
  expect(rowsOf(at, 'v')).toEqual(['1|9|130', '2|1|1']);
  expect(at.rows('SELECT * FROM d.t ORDER BY k, l')).toEqual([
    [1, 1, 110n, 9, 70],
    [1, 2, 20n, 4, 8],
    [2, 1, 1n, 1, 1],
  ]);
  expect(at.failure('ALTER TABLE d.t ADD ROLLUP x (k, w)').text).toContain('REPLACE value');
  const view = 'CREATE MATERIALIZED VIEW d.x AS SELECT';
  expect(at.failure(`${view} k, min(m) FROM d.t GROUP BY k`).text).toContain('differs');
  expect(at.failure(`${view} k, m FROM d.t`).text).toContain('should be aggregated');
  at.stop();
});
