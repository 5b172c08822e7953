/** What the configuration file may hold, key by key, with what is expected where (br-cli.md 3). */
import { z } from 'zod';
import type { Millis } from '../../base/clock.ts';
import { DAY_MS, SECOND_MS } from '../../base/units.ts';
import type { AlertConfig, Config, InventoryEntry, StorageConfig } from './config.ts';
import { parseDuration } from './duration.ts';

const text = z.string('expected a text').trim().min(1, 'must not be empty');
const optionalText = text.optional();
const flag = z.boolean('expected true or false');

/** Names of StarRocks' databases: a letter or `_`, then letters, digits, `_` and `-`. */
const identifier = text.regex(/^[A-Za-z_][A-Za-z0-9_-]{0,254}$/, 'expected an identifier');

const port = z
  .union([z.number(), z.string().regex(/^\d+$/)], 'expected a number from 1 to 65535')
  .transform(Number)
  .pipe(
    z
      .int('expected a number from 1 to 65535')
      .min(1, 'expected a number from 1 to 65535')
      .max(65_535, 'expected a number from 1 to 65535'),
  );

const span = z
  .union([z.string(), z.number()], 'expected a span of time such as 30s, 10m or 8d')
  .transform((value, context): Millis => {
    const ms = typeof value === 'number' ? value * SECOND_MS : parseDuration(value);
    if (ms !== undefined && ms >= 0) return ms;
    context.addIssue({ code: 'custom', message: 'expected a span of time such as 30s, 10m or 8d' });
    return z.NEVER;
  });

const count = z.int('expected a whole number').min(0, 'expected a whole number from 0 on');
const ratio = z.number('expected a number from 0 to 1').min(0).max(1);

const table = z.strictObject({ database: text, table: text }, 'expected database and table');
const inventory = z
  .array(
    z.strictObject({ group: text, tables: z.array(table, 'expected a list of tables') }),
    'expected a list of groups',
  )
  .default([]);

const tls = z
  .strictObject(
    {
      enabled: flag.default(false),
      ca_cert: optionalText,
      client_cert: optionalText,
      client_key: optionalText,
      verify_server_cert: flag.default(true),
      tls_versions: z
        .array(text, 'expected a list of texts')
        .min(1, 'expected at least one version')
        .default(['TLSv1.2', 'TLSv1.3']),
    },
    'expected a mapping',
  )
  .refine((value) => !value.enabled || value.ca_cert !== undefined, {
    path: ['ca_cert'],
    message: 'is needed when tls.enabled is true',
  })
  .prefault({});

/** A mapping that may be left out: every key of it has a default or may be absent. */
function section<S extends z.ZodRawShape>(shape: S): z.ZodPrefault<z.ZodObject<S, z.core.$strict>> {
  return z.strictObject(shape, 'expected a mapping').prefault({} as never);
}

const since = z.enum(['last-full', 'last-backup'], 'expected last-full or last-backup');
const fullEvery = z.union([
  z.literal('never').transform((): Millis | undefined => undefined),
  span,
]);

const auto = section({
  full_every: fullEvery.default(7 * DAY_MS),
  max_chain: count.default(14),
  max_delta_ratio: ratio.default(0.6),
  since: since.default('last-full'),
  allow_empty: flag.default(false),
});

const backoff = section({
  initial: span.default(5 * SECOND_MS),
  factor: z.number('expected a number').min(1).default(2),
  max: span.default(60 * SECOND_MS),
  jitter: ratio.default(0.2),
});

const httpUrl = text.regex(/^https?:\/\//, 'expected an http or https URL');

const alert = z.discriminatedUnion(
  'type',
  [
    z
      .strictObject({
        type: z.literal('webhook'),
        url: httpUrl.optional(),
        url_env: optionalText,
      })
      .refine(({ url, url_env }) => (url === undefined) !== (url_env === undefined), {
        path: ['url'],
        message: 'is needed, or url_env, the environment variable that holds it; not both',
      }),
    z.strictObject({ type: z.literal('command'), command: text }),
    z.strictObject({ type: z.literal('file'), path: text }),
  ],
  'expected webhook, command or file',
);

const configSchema = z.strictObject(
  {
    host: text,
    port,
    user: text,
    database: text,
    repository: text,
    ops_database: identifier.default('ops'),
    ops_replication_num: count.optional(),
    table_inventory: inventory,
    tls,
    preflight: section({
      min_free_disk_ratio: ratio.default(0.15),
      require_all_be: flag.default(true),
    }),
    slot: section({
      grace_seconds: count.default(600),
      wait: span.default(0),
      backoff,
    }),
    polling: section({
      initial: span.default(SECOND_MS),
      max: span.default(60 * SECOND_MS),
      max_consecutive_errors: count.default(10),
    }),
    backup: section({
      timeout_seconds: z.int('expected a whole number').min(600, 'at least 600').optional(),
      meta_snapshot: flag.default(true),
      count_rows: flag.default(true),
      include_views: flag.default(true),
      include_mvs: flag.default(true),
      auto,
    }),
    retention: section({
      incremental: span.default(14 * DAY_MS),
      weekly_full: span.default(90 * DAY_MS),
      monthly_full: span.default(365 * DAY_MS),
      keep_daily: count.optional(),
      keep_weekly: count.optional(),
      keep_monthly: count.optional(),
      keep_within: span.optional(),
    }),
    alerts: z.array(alert, 'expected a list').default([]),
    metrics: section({ textfile: optionalText }),
    storage: z
      .strictObject({
        endpoint: optionalText,
        bucket: optionalText,
        prefix: optionalText,
        region: optionalText,
        access_key_env: optionalText,
        secret_key_env: optionalText,
        path_style: flag.optional(),
      })
      .optional(),
  },
  'expected a mapping',
);

type RawConfig = z.infer<typeof configSchema>;

const inventoryFile = z.object({ table_inventory: inventory }, 'expected a mapping');

const mvpFile = z.object(
  {
    tables: z.array(
      text.regex(/^[^.]+\.[^.]+$/, 'expected database.table'),
      'expected a list of database.table',
    ),
  },
  'expected a mapping',
);

/** What is wrong at one place of the file. */
export interface ConfigIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Keys that nobody knows, when that is what is wrong. */
  readonly unknownKeys: readonly string[];
}

export type CheckedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly issues: readonly ConfigIssue[] };

export function checkConfig(value: unknown): CheckedConfig {
  const result = configSchema.safeParse(value);
  if (result.success) return { ok: true, config: configOf(result.data) };
  return { ok: false, issues: issuesOf(result.error) };
}

function issuesOf({ issues }: z.ZodError): readonly ConfigIssue[] {
  return issues.map((issue) => ({
    path: issue.path,
    message: issue.message,
    unknownKeys: issue.code === 'unrecognized_keys' ? issue.keys : [],
  }));
}

export type CheckedInventory =
  | { readonly ok: true; readonly entries: readonly InventoryEntry[] }
  | { readonly ok: false; readonly issues: readonly ConfigIssue[] };

/** `table_inventory` of a file; what else it holds does not matter. */
export function checkInventory(value: unknown): CheckedInventory {
  const result = inventoryFile.safeParse(value);
  if (!result.success) return { ok: false, issues: issuesOf(result.error) };
  return { ok: true, entries: entriesOf(result.data.table_inventory) };
}

/** `tables` of the first starrocks-br, which knew no groups. */
export function checkMvpTables(value: unknown, group: string): CheckedInventory {
  const result = mvpFile.safeParse(value);
  if (!result.success) return { ok: false, issues: issuesOf(result.error) };
  const entries = result.data.tables.map((name) => {
    const [database = '', table = ''] = name.split('.');
    return { group, database, table };
  });
  return { ok: true, entries };
}

function entriesOf(groups: z.infer<typeof inventory>): readonly InventoryEntry[] {
  return groups.flatMap(({ group, tables }) =>
    tables.map(({ database, table: name }) => ({ group, database, table: name })),
  );
}

/** For suggestions to mistyped keys; inner sections have few enough to be read. */
export const TOP_LEVEL_KEYS: readonly string[] = Object.keys(configSchema.shape);

function configOf(raw: RawConfig): Config {
  return Object.freeze({
    host: raw.host,
    port: raw.port,
    user: raw.user,
    database: raw.database,
    repository: raw.repository,
    opsDatabase: raw.ops_database,
    opsReplicationNum: raw.ops_replication_num,
    inventory: entriesOf(raw.table_inventory),
    tls: {
      enabled: raw.tls.enabled,
      caCert: raw.tls.ca_cert,
      clientCert: raw.tls.client_cert,
      clientKey: raw.tls.client_key,
      verifyServerCert: raw.tls.verify_server_cert,
      versions: raw.tls.tls_versions,
    },
    preflight: {
      minFreeDiskRatio: raw.preflight.min_free_disk_ratio,
      requireAllBe: raw.preflight.require_all_be,
    },
    slot: {
      graceMs: raw.slot.grace_seconds * SECOND_MS,
      waitMs: raw.slot.wait,
      backoff: {
        initialMs: raw.slot.backoff.initial,
        factor: raw.slot.backoff.factor,
        maxMs: raw.slot.backoff.max,
        jitter: raw.slot.backoff.jitter,
      },
    },
    polling: {
      initialMs: raw.polling.initial,
      maxMs: raw.polling.max,
      maxConsecutiveErrors: raw.polling.max_consecutive_errors,
    },
    backup: {
      timeoutSeconds: raw.backup.timeout_seconds,
      metaSnapshot: raw.backup.meta_snapshot,
      countRows: raw.backup.count_rows,
      includeViews: raw.backup.include_views,
      includeMvs: raw.backup.include_mvs,
      auto: {
        fullEveryMs: raw.backup.auto.full_every,
        maxChain: raw.backup.auto.max_chain,
        maxDeltaRatio: raw.backup.auto.max_delta_ratio,
        since: raw.backup.auto.since,
        allowEmpty: raw.backup.auto.allow_empty,
      },
    },
    retention: {
      incrementalMs: raw.retention.incremental,
      weeklyFullMs: raw.retention.weekly_full,
      monthlyFullMs: raw.retention.monthly_full,
      keepDaily: raw.retention.keep_daily,
      keepWeekly: raw.retention.keep_weekly,
      keepMonthly: raw.retention.keep_monthly,
      keepWithinMs: raw.retention.keep_within,
    },
    alerts: raw.alerts.map(alertOf),
    metricsTextfile: raw.metrics.textfile,
    storage: raw.storage && storageOf(raw.storage),
  });
}

function alertOf(raw: z.infer<typeof alert>): AlertConfig {
  if (raw.type !== 'webhook') return raw;
  return { type: 'webhook', url: raw.url, urlEnv: raw.url_env };
}

/** Clouds that name the bucket in the host; other endpoints name it in the path. */
const HOSTED_BUCKETS = /\.(amazonaws|aliyuncs|myqcloud|volces|ksyuncs)\.com/;

function storageOf(raw: NonNullable<RawConfig['storage']>): StorageConfig {
  const { endpoint, bucket, prefix, region } = raw;
  return {
    endpoint,
    bucket,
    prefix,
    region,
    accessKeyEnv: raw.access_key_env,
    secretKeyEnv: raw.secret_key_env,
    isPathStyle: raw.path_style ?? (endpoint !== undefined && !HOSTED_BUCKETS.test(endpoint)),
  };
}
