import { type Clock, Timer } from './clock.js'

/** Beyond the server's own ping interval before we ask, and how long an answer may take. */
const GRACE_MS = 5_000
const ANSWER_MS = 10_000
/** Somebody is looking: the answer must come sooner. */
export const WAKE_ANSWER_MS = 5_000

/**
 * Tells a quiet line from a dead one. The last sign of life is noted by whoever receives it and not by a chain of
 * timers, because a hidden tab runs its timers once a minute while its messages still arrive.
 */
export class Liveness {
  #clock: Clock
  #timer: Timer
  #heardAt = 0
  #limit = 0
  #askedAt: number | undefined
  #ask: () => boolean
  #dead: () => void

  /**
   * @param ask sends a ping; false where the channel cannot, then silence alone decides
   * @param dead called once when no answer came
   */
  constructor(clock: Clock, ask: () => boolean, dead: () => void) {
    this.#clock = clock
    this.#timer = new Timer(clock)
    this.#ask = ask
    this.#dead = dead
  }

  start(pingSeconds: number): void {
    this.#limit = pingSeconds * 1000 + GRACE_MS
    this.heard()
    this.#watch(this.#limit)
  }

  stop(): void {
    this.#timer.clear()
  }

  heard(): void {
    this.#heardAt = this.#clock.now()
    this.#askedAt = undefined
  }

  /** Asks now; without an answer in time the line is dead. Asking again does not prolong it. */
  probe(answerMs: number): void {
    if (this.#askedAt !== undefined && answerMs >= ANSWER_MS) return
    if (!this.#ask()) {
      // A stream cannot be asked: the server's own pings must have come by now.
      const idle = this.#clock.now() - this.#heardAt
      return idle >= this.#limit || idle < 0 ? this.#dead() : this.#watch(this.#limit - idle)
    }
    const asked = (this.#askedAt = this.#clock.now())
    this.#timer.set(answerMs, () => {
      if (this.#askedAt === asked) this.#dead()
      else this.#watch(this.#limit)
    })
  }

  #watch(ms: number): void {
    const due = this.#clock.now() + ms
    this.#timer.set(ms, () => {
      const now = this.#clock.now()
      const idle = now - this.#heardAt
      // Late by more than the wait itself, or a clock that went back: the machine slept.
      const slept = now - due > ms || idle < 0
      if (slept || idle >= this.#limit) this.probe(slept ? WAKE_ANSWER_MS : ANSWER_MS)
      else this.#watch(this.#limit - idle)
    })
  }
}
