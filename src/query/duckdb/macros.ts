/**
 * What DuckDB is taught at its start: StarRocks' reading of text, division, and functions whose
 * edges differ. Each macro names its arguments once, so that printed expressions stay small.
 */

const WHOLE = String.raw`\s*[+-]?\d+\s*`;
const NUMBER = String.raw`\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*`;
const DASHED =
  String.raw`\s*\d{4}(-\d{1,2}-|/\d{1,2}/)\d{1,2}` +
  String.raw`([ T]+([01]?\d|2[0-3]):\d{1,2}(:\d{1,2}(\.\d+)?)?)?\s*`;
const DIGITS = String.raw`\s*\d{8}(([01]\d|2[0-3])\d{4})?\s*`;

const MACROS: readonly string[] = [
  `sr_whole(s) AS CASE WHEN regexp_full_match(s, '${WHOLE}')
     THEN TRY_CAST(regexp_extract(s, '[+-]?\\d+') AS HUGEINT) END`,
  `sr_number(s) AS CASE WHEN regexp_full_match(s, '${NUMBER}') THEN s END`,
  `sr_boolean(s) AS CASE WHEN lower(trim(s)) IN ('true', '1') THEN TRUE
     WHEN lower(trim(s)) IN ('false', '0') THEN FALSE END`,
  `sr_json(s) AS CASE WHEN json_valid(s) THEN s END`,
  `sr_datetime(s) AS CASE
     WHEN regexp_full_match(s, '${DASHED}')
       THEN TRY_CAST(regexp_replace(s, '[ T]+(\\d)', ' \\1') AS TIMESTAMP)
     WHEN regexp_full_match(s, '${DIGITS}')
       THEN TRY_CAST(regexp_replace(
         rpad(regexp_extract(s, '\\d+'), 14, '0'),
         '(\\d{4})(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)',
        '\\1-\\2-\\3 \\4:\\5:\\6') AS TIMESTAMP)
     END`,
  `sr_datetime_text(d) AS CASE WHEN epoch_us(d) % 1000000 = 0
     THEN strftime(d, '%Y-%m-%d %H:%M:%S') ELSE strftime(d, '%Y-%m-%d %H:%M:%S.%f') END`,
  `sr_in_range(d) AS CASE
     WHEN d < TIMESTAMP '10000-01-01 00:00:00' AND d >= TIMESTAMP '0000-01-01 00:00:00' THEN d END`,
  `sr_finite(x) AS CASE WHEN isfinite(x) THEN x END`,
  `sr_wrap(x, half) AS ((x + half) % (2 * half) + 2 * half) % (2 * half) - half`,
  `sr_round_div(a, b) AS CASE WHEN b <> 0 THEN
     (CASE WHEN (a < 0) <> (b < 0) THEN -1 ELSE 1 END)
     * ((2 * abs(a) + abs(b)) // (2 * abs(b))) END`,
  `sr_in_month(d) AS epoch_us(d) - epoch_us(CAST(date_trunc('month', d) AS TIMESTAMP))`,
  `sr_months(a, b) AS
     year(a) * 12 + month(a) - year(b) * 12 - month(b)
     - CASE WHEN a > b AND sr_in_month(a) < sr_in_month(b) THEN 1
       WHEN a < b AND sr_in_month(a) > sr_in_month(b) THEN -1 ELSE 0 END`,
  `sr_substring(s, p) AS
     substring(s, CASE WHEN p = 0 OR -p > length(s) THEN length(s) + 1 ELSE p END)`,
  `sr_substring_n(s, p, n) AS
     substring(s, CASE WHEN p = 0 OR -p > length(s) THEN length(s) + 1 ELSE p END,
       CASE WHEN n < 0 THEN 0 ELSE n END)`,
  `sr_locate(part, s, p) AS CAST(CASE
     WHEN part IS NULL OR s IS NULL OR p IS NULL THEN NULL
     WHEN p <= 0 OR instr(substring(s, p), part) = 0 THEN 0
     ELSE instr(substring(s, p), part) + p - 1 END AS INTEGER)`,
];

export const SETUP_STATEMENTS: readonly string[] = [
  `SET GLOBAL TimeZone = 'UTC'`,
  `SET GLOBAL autoinstall_known_extensions = false`,
  `SET GLOBAL autoload_known_extensions = false`,
  ...MACROS.map((macro) => `CREATE MACRO ${macro}`),
];
