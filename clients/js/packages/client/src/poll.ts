import type { Channel, ChannelEvents } from './channel.js'
import { type Clock, Timer } from './clock.js'
import type { Frame } from './frames.js'
import type { Http } from './http.js'

const WAIT_S = 20
const LIMIT_MS = 30_000
/** Between polls that do not wait at the server: no place for a long request, or a hidden tab. */
const SHORT_MS = 5_000
const HIDDEN_MS = 60_000
/** A server or proxy that answers a long poll at once must not make a hot loop. */
const FLOOR_MS = 1_000

export interface PollPlan {
  /** Where to continue, read before every request. */
  since(): string | undefined
  /** True when this tab may keep a request open (browsers allow six per host on HTTP/1.1). */
  mayWait?(): Promise<boolean>
  hidden?(): boolean
}

/** The last resort that passes everywhere: `GET /sync`, at first without waiting, then up to 20 s at the server. */
export function openPoll(http: Http, clock: Clock, plan: PollPlan, events: ChannelEvents): Channel {
  const abort = new AbortController()
  const pause = new Timer(clock)
  let done = false
  loop().catch((error) => end({ how: 'closed', reason: String(error) }))

  return {
    transport: 'poll',
    send: () => false,
    close,
  }

  function close() {
    done = true
    pause.clear()
    abort.abort()
  }

  function end(failure: { how: 'refused' | 'closed'; code?: number; reason?: string; tieline?: boolean; retryAfterMs?: number | undefined }) {
    if (done) return
    close()
    events.down({ transport: 'poll', ...failure })
  }

  async function loop(): Promise<void> {
    for (let first = true; !done; first = false) {
      const hidden = plan.hidden?.()
      const wait = !first && !hidden && (!plan.mayWait || (await plan.mayWait())) ? WAIT_S : 0
      const since = plan.since()
      const began = clock.now()
      const query = `/sync?limit=200&wait=${wait}${since ? `&since=${encodeURIComponent(since)}` : ''}`
      const { status, body, tieline, retryAfterMs } = await http.call('GET', query, undefined, wait ? LIMIT_MS : 10_000, abort.signal)
      if (done) return
      if (status !== 200 || !body?.frames) return end({ how: 'refused', code: status, tieline, retryAfterMs })
      for (const frame of syncFrames(body, first)) events.frame(frame)
      if (body.more || done) continue
      const took = clock.now() - began
      const rest = wait ? (body.frames.length || took >= FLOOR_MS ? 0 : FLOOR_MS) : hidden ? HIDDEN_MS : first ? 0 : SHORT_MS
      if (rest) await new Promise<void>((resolve) => pause.set(rest, resolve))
    }
  }
}

/** The answer of `/sync` as the frames that a socket would have brought. A snapshot at its head means: not resumed. */
export function syncFrames({ epoch, pos, more, frames = [] }: Frame, opening: boolean): Frame[] {
  const resumed = frames[0]?.type !== 'snapshot'
  const brought = opening || !resumed ? [{ type: 'hello', epoch, pos, resumed } as Frame, ...frames] : frames
  return more ? brought : [...brought, { type: 'synced', pos: pos!, more: false }]
}
