/** Time as the client sees it. Inject one to run the client on fake time. */
export interface Clock {
  /** Milliseconds since 1970. May jump in both directions: the client takes a jump for a wake-up. */
  now(): number
  /** Calls `fn` once after `ms` milliseconds, possibly much later (throttled tabs, sleep). */
  setTimeout(fn: () => void, ms: number): unknown
  clearTimeout(handle: unknown): void
}

/** The globals, looked up at each call so that fake timers installed later still count. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (fn, ms) => globalThis.setTimeout(fn, ms),
  clearTimeout: (handle) => globalThis.clearTimeout(handle as number),
}

/** One purpose, one timer: setting it again replaces what was set before. */
export class Timer {
  #clock: Clock
  #handle: unknown
  _armed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  set(ms: number, fn: () => void): void {
    this.clear()
    this._armed = true
    this.#handle = this.#clock.setTimeout(() => {
      this._armed = false
      fn()
    }, ms)
  }

  clear(): void {
    this.#clock.clearTimeout(this.#handle)
    this._armed = false
  }
}

/** What `promise` gives, or `late` when it has not settled after `ms`; a rejection counts as `late` too. */
export function within<T, L>(clock: Clock, ms: number, promise: Promise<T>, late: L): Promise<T | L> {
  return new Promise((resolve) => {
    const handle = clock.setTimeout(() => resolve(late), ms)
    const settle = (value: T | L) => {
      clock.clearTimeout(handle)
      resolve(value)
    }
    promise.then(settle, () => settle(late))
  })
}
