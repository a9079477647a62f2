import type { Channel, ChannelEvents, Failure } from './channel.js'
import { type Clock, Timer } from './clock.js'
import { decode } from './frames.js'

/** The part of the standard WebSocket that is used; `ws`, React Native's and the browsers' all have it. */
export interface WebSocketLike {
  readonly readyState: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  send(data: string): void
  close(code?: number, reason?: string): void
}
export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike

const OPEN = 1
/** An `error` without a `close` happens (Chromium under a CSP, React Native): it counts as the end after this long. */
const ERROR_GRACE_MS = 250

export function openSocket(WebSocket: WebSocketConstructor, clock: Clock, url: string, protocols: string[], events: ChannelEvents): Channel {
  let socket: WebSocketLike | undefined
  let opened = false
  let done = false
  const grace = new Timer(clock)

  const end = (how: Failure['how'], code?: number, reason?: string) => {
    if (done) return
    done = true
    grace.clear()
    drop()
    events.down({ transport: 'ws', how, code, reason })
  }
  const drop = () => {
    try {
      socket?.close(1000)
    } catch {
      // Some implementations throw while CONNECTING; onopen closes it then.
    }
  }

  try {
    socket = new WebSocket(url, protocols)
  } catch (error) {
    // Firefox throws for what a CSP or mixed content forbids. Told later, like every other failure.
    clock.setTimeout(() => end('threw', undefined, String(error)), 0)
  }
  if (socket) {
    socket.onopen = () => {
      opened = true
      // React Native on Android ignores close() while CONNECTING and opens later.
      if (done) drop()
    }
    socket.onmessage = (event: { data?: unknown }) => {
      if (done) return
      const frame = decode(event.data)
      if (frame) events.frame(frame)
      else events.heard()
    }
    socket.onerror = (event: { message?: string }) => grace.set(ERROR_GRACE_MS, () => end(opened ? 'closed' : 'refused', undefined, event?.message))
    socket.onclose = (event: { code?: number; reason?: string }) => end(opened ? 'closed' : 'refused', event.code, event.reason)
  }

  return {
    transport: 'ws',
    send(frame) {
      if (done || socket?.readyState !== OPEN) return false
      try {
        socket.send(JSON.stringify(frame))
        return true
      } catch {
        return false
      }
    },
    close() {
      done = true
      grace.clear()
      drop()
    },
  }
}
