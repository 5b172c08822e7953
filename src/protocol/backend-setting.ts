/** A setting of a backend, as information_schema.be_configs shows it and as it is changed. */
export interface BackendSetting {
  /** StarRocks' name of it. */
  readonly name: string;
  readonly value: string;
  readonly type: 'INT';
  readonly defaultValue: string;
  readonly isMutable: boolean;
}
