/**
 * A map of one entry, which never gets another: a message to or from one tablet of a million has
 * such a map, and a real one would be most of it.
 */
export class OnlyEntry<K, V> implements ReadonlyMap<K, V> {
  readonly key: K;
  readonly value: V;

  constructor(key: K, value: V) {
    this.key = key;
    this.value = value;
  }

  get size(): number {
    return 1;
  }

  has(key: K): boolean {
    return key === this.key;
  }

  get(key: K): V | undefined {
    return key === this.key ? this.value : undefined;
  }

  forEach(run: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    run(this.value, this.key, this);
  }

  entries(): ArrayIterator<[K, V]> {
    const only: [K, V] = [this.key, this.value];
    return [only].values();
  }

  keys(): ArrayIterator<K> {
    return [this.key].values();
  }

  values(): ArrayIterator<V> {
    return [this.value].values();
  }

  [Symbol.iterator](): ArrayIterator<[K, V]> {
    return this.entries();
  }
}
