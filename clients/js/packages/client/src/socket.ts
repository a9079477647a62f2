import type { Channel } from './channel.js'
import type { Clock } from './clock.js'
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

export function openSocket(WebSocket: WebSocketConstructor, clock: Clock, channel: Channel, url: string, protocols: string[]): void {
  let socket: WebSocketLike
  let opened = false
  const ended = (code?: number, reason?: string) => channel._down(opened ? 'closed' : 'refused', { code, reason })
  const drop = () => {
    try {
      socket.close(1000)
    } catch {
      // Some implementations throw while CONNECTING; onopen closes it then.
    }
  }
  try {
    socket = new WebSocket(url, protocols)
  } catch (error) {
    // Firefox throws for what a CSP or mixed content forbids.
    return channel._down('threw', { reason: String(error) })
  }
  channel.signal.addEventListener('abort', drop)
  channel.send = (frame) => {
    if (channel.over() || socket.readyState !== OPEN) return false
    try {
      socket.send(JSON.stringify(frame))
      return true
    } catch {
      return false
    }
  }
  socket.onopen = () => {
    opened = true
    // React Native on Android ignores close() while CONNECTING and opens later.
    if (channel.over()) drop()
  }
  socket.onmessage = ({ data }: { data?: unknown }) => channel._take(decode(data))
  socket.onerror = (event: { message?: string }) => void clock.setTimeout(() => ended(undefined, event?.message), ERROR_GRACE_MS)
  socket.onclose = ({ code, reason }: { code?: number; reason?: string }) => ended(code, reason)
}
