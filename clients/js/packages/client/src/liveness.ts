import { type Clock, Timer } from './clock.js'

/** Beyond the server's own ping interval before we ask, and how long an answer may take. */
const GRACE_MS = 5_000
const ANSWER_MS = 10_000
/** Somebody is looking: the answer must come sooner. */
export const WAKE_ANSWER_MS = 5_000

/**
 * Tells a quiet line from a dead one. The last sign of life is noted by whoever receives it and not by a chain of
 * timers, because a hidden tab runs its timers once a minute while its messages still arrive.
 * @param ask sends a ping; false where the channel cannot, then silence alone decides
 * @param dead called once when no answer came
 */
export function createLiveness(clock: Clock, ask: () => boolean, dead: () => void) {
  const timer = new Timer(clock)
  let heardAt = 0
  let limit = 0
  let askedAt: number | undefined

  function heard(): void {
    heardAt = clock.now()
    askedAt = undefined
  }

  /** Asks now; without an answer in time the line is dead. Asking again does not prolong it. */
  function probe(answerMs: number): void {
    if (askedAt !== undefined && answerMs >= ANSWER_MS) return
    if (!ask()) {
      // A stream cannot be asked: the server's own pings must have come by now.
      const idle = clock.now() - heardAt
      return idle >= limit || idle < 0 ? dead() : watch(limit - idle)
    }
    const asked = (askedAt = clock.now())
    timer.set(answerMs, () => {
      if (askedAt === asked) dead()
      else watch(limit)
    })
  }

  function watch(ms: number): void {
    const due = clock.now() + ms
    timer.set(ms, () => {
      const now = clock.now()
      const idle = now - heardAt
      // Late by more than the wait itself, or a clock that went back: the machine slept.
      const slept = now - due > ms || idle < 0
      if (slept || idle >= limit) probe(slept ? WAKE_ANSWER_MS : ANSWER_MS)
      else watch(limit - idle)
    })
  }

  return {
    _heard: heard,
    _probe: probe,
    start(pingSeconds: number): void {
      limit = pingSeconds * 1000 + GRACE_MS
      heard()
      watch(limit)
    },
    stop: () => timer.clear(),
  }
}
