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

  entries(): MapIterator<[K, V]> {
    return new Map([[this.key, this.value]]).entries();
  }

  keys(): MapIterator<K> {
    return new Map([[this.key, this.value]]).keys();
  }

  values(): MapIterator<V> {
    return new Map([[this.key, this.value]]).values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
}
