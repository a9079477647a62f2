import type { Channel, ChannelEvents, Failure } from './channel.js'
import { type Clock, Timer } from './clock.js'
import { decode } from './frames.js'
import { describe, type Http } from './http.js'

/** Counted from the request: Firefox does not resolve fetch() until a byte of the body is there. */
const FIRST_FRAME_MS = 3_000

/** Server-sent events read with fetch, which shows statuses and takes headers where EventSource does neither. */
export function openStream(http: Http, clock: Clock, since: string | undefined, events: ChannelEvents): Channel {
  const abort = new AbortController()
  const guard = new Timer(clock)
  let done = false

  const end = (failure: Omit<Failure, 'transport'>) => {
    if (done) return
    close()
    events.down({ transport: 'stream', ...failure })
  }
  const close = () => {
    done = true
    guard.clear()
    abort.abort()
  }

  guard.set(FIRST_FRAME_MS, () => end({ how: 'timeout' }))
  read().catch((error) => end({ how: 'closed', reason: String(error) }))
  return { transport: 'stream', send: () => false, close }

  async function read(): Promise<void> {
    const query = since ? `?since=${encodeURIComponent(since)}` : ''
    const response = await http.stream(`/stream${query}`, abort.signal)
    const { status, tieline, retryAfterMs } = describe(response)
    // A fetch without body streams (bare React Native) gives no body: the long poll is next.
    const reader = response.ok && response.body?.getReader?.()
    if (!reader) return end({ how: 'refused', code: status, tieline, retryAfterMs })

    const decoder = new TextDecoder()
    let rest = ''
    for (;;) {
      const { done: over, value } = await reader.read()
      if (done) return
      if (over) return end({ how: 'closed' })
      rest += decoder.decode(value, { stream: true })
      const lines = rest.split(/\r\n|\n|\r/)
      rest = lines.pop()!
      for (const line of lines) {
        if (done) return
        const frame = line.startsWith('data:') && decode(line.slice(5))
        if (frame) {
          guard.clear()
          events.frame(frame)
        } else events.heard()
      }
    }
  }
}
