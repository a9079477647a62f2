import type { Channel } from './channel.js'
import { decode } from './frames.js'
import { describe, type Http, sinceIn } from './http.js'

/** Counted from the request: Firefox does not resolve fetch() until a byte of the body is there. */
const FIRST_FRAME_MS = 3_000

/** Server-sent events read with fetch, which shows statuses and takes headers where EventSource does neither. @throws when it breaks */
export async function openStream(http: Http, channel: Channel): Promise<void> {
  channel.limit(FIRST_FRAME_MS)
  const response = await http._ask(`/stream?v=2${sinceIn(channel.opened)}`, {}, (response) => response, FIRST_FRAME_MS, channel.signal)
  // A fetch without body streams (bare React Native) gives no body: the long poll is next.
  const reader = response.ok && response.body?.getReader?.()
  if (!reader) return channel._down('refused', describe(response))

  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return channel._down('closed')
    rest += decoder.decode(value, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop()!
    for (const line of lines) channel._take(line.startsWith('data:') ? decode(line.slice(5)) : undefined)
  }
}
