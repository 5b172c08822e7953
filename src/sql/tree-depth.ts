/** How deep a tree is, found without recursion, so that a hostile one is refused, not overrun. */

/** Deeper trees could overrun the stack of whoever walks them. */
export const TREE_DEPTH_MAX = 1000;

/**
 * Whether nodes (objects with a `kind`) stand in one another deeper than `depthMax`.
 * Properties and byte arrays count as leaves.
 */
export function isDeeperThan(root: object, depthMax: number): boolean {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const { value, depth } = item;
    if (depth > depthMax) return true;
    if (typeof value !== 'object' || value === null) continue;
    if (value instanceof Map || value instanceof Uint8Array) continue;
    const inner = 'kind' in value ? depth + 1 : depth;
    for (const child of Array.isArray(value) ? value : Object.values(value)) {
      if (typeof child === 'object') open.push({ value: child, depth: inner });
    }
  }
  return false;
}
