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
export interface Inbox {
  /** `<epoch>.<pos>`, or undefined before the first snapshot. */
  since(): string | undefined
  /**
   * A line begins.
   * @param opened the cursor that the line was opened with
   */
  hello(frame: Frame, opened: string | undefined): void
  /** Nothing of this account is kept. */
  forget(): void
  /** Any frame with a position or a head. */
  take(frame: Frame): void
}

export function createInbox(clock: Clock, events: InboxEvents): Inbox {
  const hole = new Timer(clock)
  const held = new Map<number, Frame>()
  let epoch: string | undefined
  let at = 0
  let head = 0
  let lineEpoch: string | undefined
  let replaying = false
  let expectSnapshot = false
  let redundant = false
  let asks = 0

  return {
    since: () => epoch && `${epoch}.${at}`,
    hello({ pos = 0, epoch: its, resumed }, opened) {
      clear()
      head = pos
      lineEpoch = its
      // Two lines were opened before either had a cursor: the second one's snapshot is only news of the head.
      redundant = !resumed && !opened && epoch === its
      expectSnapshot = !resumed && !redundant
      replaying = !redundant
      if (redundant) check()
    },
    forget() {
      clear()
      epoch = undefined
      at = 0
    },
    take(frame) {
      const { type, pos = 0, more } = frame
      if (type === 'snapshot') return snapshot(frame)
      if (expectSnapshot && type !== 'synced') return
      head = Math.max(head, pos)
      if (type === 'synced') {
        if (more) return events.ask()
        replaying = false
        if (!check()) events.caughtUp()
      } else if (type === 'ping' || type === 'pong') check()
      else if (pos === at + 1) advance(frame)
      else if (pos > at) {
        if (held.size < HELD_MAX) held.set(pos, frame)
        check()
      }
    },
  }

  function clear(): void {
    hole.clear()
    held.clear()
    asks = 0
  }

  function advance(frame: Frame | undefined): void {
    for (; frame; frame = held.get(at + 1)) {
      held.delete(++at)
      events.apply(frame)
    }
    if (!hole.armed || at < head) return
    hole.clear()
    asks = 0
    if (!replaying) events.caughtUp()
  }

  function snapshot(frame: Frame): void {
    // Asked for a hole that is too old to fill, the server may answer with a snapshot too.
    const wanted = expectSnapshot || (hole.armed && !redundant)
    redundant = false
    if (!wanted) return
    const again = epoch !== undefined
    expectSnapshot = false
    clear()
    epoch = lineEpoch
    at = frame.pos ?? 0
    events.snapshot(frame, again)
  }

  /** True when something is missing; then it is asked for until it comes. */
  function check(): boolean {
    if (replaying || expectSnapshot || at >= head) return false
    if (!hole.armed) ask()
    return true
  }

  function ask(): void {
    if (asks++ >= ASKS) {
      asks = 0
      return events.giveUp()
    }
    hole.set(ASK_EVERY_MS, () => {
      if (at < head) ask()
    })
    events.ask()
  }
}
