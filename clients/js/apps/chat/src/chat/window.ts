/** Where the items of a long list lie: what was measured, and a guess for the rest. Tops of all items, and the end of the last. */
export function tops(keys: readonly string[], heights: ReadonlyMap<string, number>, guess: number): Float64Array {
  const at = new Float64Array(keys.length + 1)
  for (let i = 0; i < keys.length; i++) at[i + 1] = at[i]! + (heights.get(keys[i]!) ?? guess)
  return at
}

/** The item that covers `y`, the first or the last beyond the ends. */
export function itemAt(tops: Float64Array, y: number): number {
  let low = 0
  let high = Math.max(0, tops.length - 2)
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (tops[middle]! <= y) low = middle
    else high = middle - 1
  }
  return low
}
