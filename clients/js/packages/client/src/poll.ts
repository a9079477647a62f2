import type { Channel } from './channel.js'
import type { Clock } from './clock.js'
import type { Frame } from './frames.js'
import { type Http, sinceIn } from './http.js'

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

/** The last resort that passes everywhere: `GET /sync`, at first without waiting, then up to 20 s at the server. @throws when there is no answer */
export async function openPoll(http: Http, clock: Clock, plan: PollPlan, channel: Channel): Promise<void> {
  for (let first = true; !channel.over(); first = false) {
    const hidden = plan.hidden?.()
    const wait = !first && !hidden && (!plan.mayWait || (await plan.mayWait())) ? WAIT_S : 0
    const began = clock.now()
    const answer = await http.call('GET', syncPath(plan.since(), wait, first), undefined, wait ? LIMIT_MS : 10_000, channel.signal)
    const { status, body } = answer
    if (status !== 200 || !body?.frames) return channel.down('refused', answer)
    for (const frame of syncFrames(body, first)) channel.take(frame)
    if (body.more) continue
    const quick = !body.frames.length && clock.now() - began < FLOOR_MS
    const rest = wait ? (quick ? FLOOR_MS : 0) : hidden ? HIDDEN_MS : first ? 0 : SHORT_MS
    if (rest && !channel.over()) await new Promise<void>((resolve) => channel.timer.set(rest, resolve))
  }
}

/** What follows the cursor, asked for beside the line. @throws when there is no answer */
export async function askSync(http: Http, since: string | undefined): Promise<Frame[]> {
  const { body } = await http.call('GET', syncPath(since))
  return body?.frames ? syncFrames(body) : []
}

function syncPath(since: string | undefined, wait = 0, opening = false): string {
  return `/sync?limit=200&wait=${wait}${opening ? '&hello=1' : ''}${sinceIn(since)}`
}

/** The answer of `/sync` as the frames that a socket would have brought. A snapshot at its head means: not resumed. */
function syncFrames({ epoch, pos, more, frames = [] }: Frame, opening?: boolean): Frame[] {
  const head = frames[0]?.type
  const resumed = head !== 'snapshot'
  return [
    ...(head !== 'hello' && (opening || !resumed) ? [{ type: 'hello', epoch, pos, resumed } as Frame] : []),
    ...frames,
    ...(more ? [] : [{ type: 'synced', pos } as Frame]),
  ]
}
