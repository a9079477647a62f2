import { type Clock, Timer } from './clock.js'
import type { Frame } from './frames.js'

export type Transport = 'ws' | 'stream' | 'poll'

/** Why a channel ended or never lived. What a browser hides stays undefined. */
export interface Failure {
  transport: Transport
  /** refused: ended before it opened. closed: after. silent: nothing heard in time. threw: the page forbade it. */
  how: 'refused' | 'closed' | 'timeout' | 'silent' | 'threw'
  /** Close code of the socket, or status of the HTTP answer. */
  code?: number | undefined
  reason?: string | undefined
  /** False for an HTTP answer without `X-Tieline`. */
  tieline?: boolean
  retryAfterMs?: number | undefined
}

/** What a channel tells. */
export interface ChannelEvents {
  /** Something arrived; without a `frame` it only shows that the line lives. */
  frame(channel: Channel, frame: Frame | undefined): void
  _down(channel: Channel, failure: Failure): void
}

/** One way to the server: a socket, a stream or a long poll. After `close` or `down` it tells nothing any more, whatever arrives late. */
export interface Channel {
  transport: Transport
  /** The cursor it was opened with. */
  opened: string | undefined
  /** The server's name for this try. */
  attempt: string
  /** Ends with the channel. */
  timer: Timer
  /** Aborted at its end. */
  signal: AbortSignal
  over(): boolean
  /** Sends a frame. False when this channel cannot (HTTP, or no longer open): then nothing was sent. */
  send(frame: object): boolean
  /** It must live by then. */
  limit(ms: number): void
  /** Something arrived: a frame, or what is none. */
  _take(frame: Frame | undefined): void
  _down(how: Failure['how'], more?: Partial<Failure>): void
  close(): void
}

export function createChannel(transport: Transport, clock: Clock, events: ChannelEvents, opened: string | undefined, attempt: string): Channel {
  const end = new AbortController()
  const { signal } = end
  const timer = new Timer(clock)
  const channel: Channel = {
    transport,
    opened,
    attempt,
    timer,
    signal,
    over: () => signal.aborted,
    send: () => false,
    limit: (ms) => timer.set(ms, () => channel._down('timeout')),
    _take(frame) {
      if (!signal.aborted) events.frame(channel, frame)
    },
    _down(how, more) {
      if (signal.aborted) return
      channel.close()
      events._down(channel, { transport: channel.transport, how, ...more })
    },
    close() {
      timer.clear()
      end.abort()
    },
  }
  return channel
}
