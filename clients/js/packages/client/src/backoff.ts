const CAP_MS = 20_000
const FIRST_MS = 500
const FLOOR_MS = 100

/** Full jitter: rand x min(20 s, 0.5 s x 2^n) + 100 ms, for ever. A herd spreads out, a single client comes back soon. */
export class Backoff {
  #failures = 0
  #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  next(): number {
    return FLOOR_MS + this.#random() * Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(this.#failures++, 10))
  }

  reset(): void {
    this.#failures = 0
  }
}
