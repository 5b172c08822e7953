/** The configuration as commands see it: every key has a value, nothing is optional by accident. */
import type { Millis } from '../../base/clock.ts';

export interface TlsConfig {
  readonly enabled: boolean;
  readonly caCert: string | undefined;
  readonly clientCert: string | undefined;
  readonly clientKey: string | undefined;
  readonly verifyServerCert: boolean;
  readonly versions: readonly string[];
}

export interface InventoryEntry {
  readonly group: string;
  readonly database: string;
  /** `*` is every table. */
  readonly table: string;
}

export interface Backoff {
  readonly initialMs: Millis;
  readonly factor: number;
  readonly maxMs: Millis;
  /** Share of a wait that chance adds or takes. */
  readonly jitter: number;
}

export interface AutoConfig {
  /** Never: only when there is no full backup yet. */
  readonly fullEveryMs: Millis | undefined;
  readonly maxChain: number;
  readonly maxDeltaRatio: number;
  readonly since: 'last-full' | 'last-backup';
  readonly allowEmpty: boolean;
}

export interface RetentionConfig {
  readonly incrementalMs: Millis;
  readonly weeklyFullMs: Millis;
  readonly monthlyFullMs: Millis;
  readonly keepDaily: number | undefined;
  readonly keepWeekly: number | undefined;
  readonly keepMonthly: number | undefined;
  readonly keepWithinMs: Millis | undefined;
}

export type AlertConfig =
  /** `urlEnv` names the environment variable that holds the URL. */
  | {
      readonly type: 'webhook';
      readonly url: string | undefined;
      readonly urlEnv: string | undefined;
    }
  | { readonly type: 'command'; readonly command: string }
  | { readonly type: 'file'; readonly path: string };

export interface StorageConfig {
  readonly endpoint: string | undefined;
  readonly bucket: string | undefined;
  readonly prefix: string | undefined;
  readonly region: string | undefined;
  /** Names of environment variables, never the keys themselves. */
  readonly accessKeyEnv: string | undefined;
  readonly secretKeyEnv: string | undefined;
  /** `endpoint/bucket` rather than `bucket.endpoint`. */
  readonly isPathStyle: boolean;
}

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly repository: string;
  readonly opsDatabase: string;
  readonly opsReplicationNum: number | undefined;
  readonly inventory: readonly InventoryEntry[];
  readonly tls: TlsConfig;
  readonly preflight: { readonly minFreeDiskRatio: number; readonly requireAllBe: boolean };
  readonly slot: { readonly graceMs: Millis; readonly waitMs: Millis; readonly backoff: Backoff };
  readonly polling: {
    readonly initialMs: Millis;
    readonly maxMs: Millis;
    readonly maxConsecutiveErrors: number;
  };
  readonly backup: {
    readonly timeoutSeconds: number | undefined;
    readonly metaSnapshot: boolean;
    /** Of what goes into a snapshot, so that a restore can compare. */
    readonly countRows: boolean;
    readonly includeViews: boolean;
    readonly includeMvs: boolean;
    readonly auto: AutoConfig;
  };
  readonly retention: RetentionConfig;
  readonly alerts: readonly AlertConfig[];
  readonly metricsTextfile: string | undefined;
  readonly storage: StorageConfig | undefined;
}
