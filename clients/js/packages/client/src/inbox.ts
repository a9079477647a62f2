import { type Clock, Timer } from './clock.js'
import type { Frame } from './frames.js'

/** How often a hole is asked for before the line itself is doubted. */
const ASKS = 3
const ASK_EVERY_MS = 2_000
/** Frames kept while a hole is open. More than this, and the replay after a reconnect is cheaper. */
const HELD_MAX = 1_000

export interface InboxEvents {
  /** An event of the log, exactly once and in order. */
  apply(frame: Frame): void
  /** The list of conversations anew. `again`: what was known before cannot be continued. */
  snapshot(frame: Frame, again: boolean): void
  /** Everything up to the head that the server named has been applied. */
  caughtUp(): void
  /** Something is missing on a healthy line: ask for what follows the cursor. */
  ask(): void
  /** Asking did not help: begin again with a new line. */
  giveUp(): void
}

/**
 * The cursor of the account's event log. Positions are dense, so whatever way events arrive (twice, late, over an old
 * line, not at all) they are applied once, in order, or asked for again.
 */
export class Inbox {
  epoch: string | undefined
  pos = 0
  #events: InboxEvents
  #head = 0
  #held = new Map<number, Frame>()
  #replaying = false
  #expectSnapshot = false
  #redundant = false
  #lineEpoch: string | undefined
  #asks = 0
  #hole: Timer

  constructor(clock: Clock, events: InboxEvents) {
    this.#events = events
    this.#hole = new Timer(clock)
  }

  /** `<epoch>.<pos>`, or undefined before the first snapshot. */
  get since(): string | undefined {
    return this.epoch && `${this.epoch}.${this.pos}`
  }

  /**
   * A line begins.
   * @param opened the cursor that the line was opened with
   */
  hello(frame: Frame, opened: string | undefined): void {
    this.#hole.clear()
    this.#asks = 0
    this.#held.clear()
    this.#head = frame.pos ?? 0
    this.#lineEpoch = frame.epoch
    // Two lines were opened before either had a cursor: the second one's snapshot is only news of the head.
    this.#redundant = !frame.resumed && !opened && this.epoch === frame.epoch
    this.#expectSnapshot = !frame.resumed && !this.#redundant
    this.#replaying = !this.#redundant
    if (this.#redundant) this.#check()
  }

  /** Nothing of this account is kept. */
  forget(): void {
    this.#hole.clear()
    this.#held.clear()
    this.epoch = undefined
    this.pos = 0
  }

  /** Any frame with a position or a head. */
  take(frame: Frame): void {
    const { type, pos } = frame
    if (type === 'snapshot') return this.#snapshot(frame)
    if (type === 'ping' || type === 'pong') {
      this.#head = Math.max(this.#head, pos ?? 0)
      this.#check()
      return
    }
    if (type === 'synced') {
      this.#head = Math.max(this.#head, pos ?? 0)
      if (frame.more) return this.#events.ask()
      this.#replaying = false
      if (!this.#check()) this.#events.caughtUp()
      return
    }
    if (pos === undefined || this.#expectSnapshot || pos <= this.pos) return
    this.#head = Math.max(this.#head, pos)
    if (pos > this.pos + 1) {
      if (this.#held.size < HELD_MAX) this.#held.set(pos, frame)
      this.#check()
      return
    }
    this.#advance(frame)
  }

  #advance(frame: Frame | undefined): void {
    while (frame) {
      this.pos = frame.pos!
      this.#held.delete(this.pos)
      this.#events.apply(frame)
      frame = this.#held.get(this.pos + 1)
    }
    if (this.#hole.armed && this.pos >= this.#head) {
      this.#hole.clear()
      this.#asks = 0
      if (!this.#replaying) this.#events.caughtUp()
    }
  }

  #snapshot(frame: Frame): void {
    // Asked for a hole that is too old to fill, the server may answer with a snapshot too.
    const wanted = this.#expectSnapshot || (this.#hole.armed && !this.#redundant)
    this.#redundant = false
    if (!wanted) return
    this.#expectSnapshot = false
    this.#hole.clear()
    this.#held.clear()
    const again = this.epoch !== undefined
    this.epoch = this.#lineEpoch
    this.pos = frame.pos ?? 0
    this.#events.snapshot(frame, again)
  }

  /** True when something is missing; then it is asked for until it comes. */
  #check(): boolean {
    if (this.#replaying || this.#expectSnapshot || this.pos >= this.#head) return false
    if (!this.#hole.armed) this.#ask()
    return true
  }

  #ask(): void {
    if (this.#asks++ >= ASKS) {
      this.#asks = 0
      return this.#events.giveUp()
    }
    this.#hole.set(ASK_EVERY_MS, () => {
      if (this.pos < this.#head) this.#ask()
    })
    this.#events.ask()
  }
}
