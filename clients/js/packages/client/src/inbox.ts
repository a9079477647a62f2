import { type Clock, Timer } from './clock.js'
import type { Frame } from './frames.js'
import type { Line } from './lineparts.js'

/** A hole that was asked for and is open after this long: the line itself is at fault. */
const FILL_MS = 3_000
/** Frames kept while a hole is open. More than this, and the replay after a reconnect is cheaper. */
const HELD_MAX = 1_000

/** What the client does for its inbox. */
export interface InboxClient {
  readonly _line: Pick<Line, 'send' | '_economize' | '_restart'>
  /** An event of the log, exactly once and in order. */
  _apply(frame: Frame): void
  /** The list of conversations anew. `again`: what was known before cannot be continued. */
  _anew(frame: Frame, again: boolean): void
  /** Everything up to the head that the server named has been applied. */
  _caughtUp(): void
}

/**
 * The cursor of the account's event log. Positions are dense, so whatever way events arrive (twice, late, over an old
 * line, not at all) they are applied once, in order, or asked for again.
 */
export interface Inbox {
  /** `<epoch>.<pos>`, or undefined before the first snapshot. */
  _since(): string | undefined
  /**
   * A line begins.
   * @param opened the cursor that the line was opened with
   */
  _hello(frame: Frame, opened: string | undefined): void
  /** Nothing of this account is kept. */
  _forget(): void
  /** Any frame with a position or a head. */
  _take(frame: Frame): void
}

export function createInbox(client: InboxClient, clock: Clock): Inbox {
  const hole = new Timer(clock)
  const held = new Map<number, Frame>()
  let epoch: string | undefined
  let at = 0
  let head = 0
  let lineEpoch: string | undefined
  /** What must come before anything is missing, and a snapshot before anything counts. */
  let awaited: 'snapshot' | 'synced' | undefined
  let redundant = false

  const inbox: Inbox = {
    _since: () => epoch && `${epoch}.${at}`,
    _hello({ pos = 0, epoch: its, resumed }, opened) {
      clear()
      head = pos
      lineEpoch = its
      // Two lines were opened before either had a cursor: the second one's snapshot is only news of the head.
      redundant = !resumed && !opened && epoch === its
      awaited = resumed ? 'synced' : redundant ? undefined : 'snapshot'
      check()
    },
    _forget() {
      clear()
      epoch = undefined
      at = 0
    },
    _take(frame) {
      const { type, pos = 0, more } = frame
      if (type === 'snapshot') return snapshot(frame)
      if (awaited === 'snapshot' && type !== 'synced') return
      head = Math.max(head, pos)
      if (type === 'synced') {
        if (more) return ask()
        awaited = undefined
        if (!check()) client._caughtUp()
      } else if (type === 'ping' || type === 'pong') check()
      else if (pos === at + 1) advance(frame)
      else if (pos > at) {
        if (held.size < HELD_MAX) held.set(pos, frame)
        check()
      }
    },
  }
  return inbox

  function clear(): void {
    hole.clear()
    held.clear()
  }

  function advance(frame: Frame | undefined): void {
    for (; frame; frame = held.get(at + 1)) {
      held.delete(++at)
      client._apply(frame)
    }
    if (!hole._armed || at < head) return
    hole.clear()
    if (!awaited) client._caughtUp()
  }

  function snapshot(frame: Frame): void {
    // Asked for a hole that is too old to fill, the server may answer with a snapshot too.
    const wanted = awaited === 'snapshot' || (hole._armed && !redundant)
    redundant = false
    if (!wanted) return
    const again = epoch !== undefined
    awaited &&= 'synced'
    clear()
    epoch = lineEpoch
    at = frame.pos ?? 0
    client._anew(frame, again)
  }

  /** True when something is missing; then it is asked for until it comes. */
  function check(): boolean {
    if (awaited || at >= head) return false
    if (!hole._armed) ask()
    return true
  }

  /** A stream cannot be asked: a poll takes its place, and begins with what follows the cursor. */
  function ask(): void {
    const { _line: line } = client
    hole.set(FILL_MS, () => line._restart())
    if (!line.send({ type: 'sync', since: inbox._since() })) line._economize()
  }
}
