const CAP_MS = 20_000
const FIRST_MS = 500
const FLOOR_MS = 100

export interface Backoff {
  next(): number
  reset(): void
}

/** Full jitter: rand x min(20 s, 0.5 s x 2^n) + 100 ms, for ever. A herd spreads out, a single client comes back soon. */
export function createBackoff(random: () => number): Backoff {
  let failures = 0
  return {
    next: () => FLOOR_MS + random() * Math.min(CAP_MS, FIRST_MS * 2 ** failures++),
    reset: () => void (failures = 0),
  }
}
