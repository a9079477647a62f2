import type { Channel } from './channel.js'
import type { Clock } from './clock.js'
import type { Frame } from './frames.js'
import { sinceIn } from './http.js'
import type { LineClient, LineHooks } from './lineparts.js'

const WAIT_S = 20
const LIMIT_MS = 30_000
/** A server or proxy that answers a long poll at once must not make a hot loop. */
const FLOOR_MS = 1_000

/** The last resort that passes everywhere: `GET /sync`, at first without waiting, then up to 20 s at the server. @throws when there is no answer */
export async function openPoll(
  { _http: http, _inbox: inbox }: LineClient,
  clock: Clock,
  { _rests: rests }: LineHooks,
  channel: Channel,
): Promise<void> {
  for (let first = true; !channel.over(); first = false) {
    const rest = await rests?.()
    const wait = first || rest ? 0 : WAIT_S
    const began = clock.now()
    const path = `/sync?limit=200&wait=${wait}${first ? '&hello=1' : ''}${sinceIn(inbox._since())}`
    const answer = await http.call('GET', path, undefined, wait ? LIMIT_MS : 10_000, channel.signal)
    const { status, body } = answer
    if (status !== 200 || !body?.frames) return channel._down('refused', answer)
    const { epoch, pos, more, frames } = body
    // In the middle of it a snapshot says what `hello` would: not resumed.
    if (frames[0]?.type === 'snapshot') channel._take({ type: 'hello', epoch, pos, resumed: false } as Frame)
    for (const frame of frames) channel._take(frame)
    if (more) continue
    channel._take({ type: 'synced', pos } as Frame)
    const quick = wait && !frames.length && clock.now() - began < FLOOR_MS
    const pause = quick ? FLOOR_MS : first ? 0 : rest
    if (pause && !channel.over()) await new Promise<void>((resolve) => channel.timer.set(pause, resolve))
  }
}
