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

/** What a channel tells. After `close` or `down` it tells nothing any more, whatever arrives late. */
export interface ChannelEvents {
  frame(frame: Frame): void
  /** Something arrived that is no frame; the line lives. */
  heard(): void
  down(failure: Failure): void
}

/** One way to the server: a socket, a stream or a long poll. */
export interface Channel {
  readonly transport: Transport
  /** Sends a frame. False when this channel cannot (HTTP, or no longer open): then nothing was sent. */
  send(frame: object): boolean
  close(): void
}
