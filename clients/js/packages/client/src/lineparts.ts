import type { Channel, Transport } from './channel.js'
import type { Frame } from './frames.js'
import type { Http } from './http.js'
import type { Inbox } from './inbox.js'
import type { Tokens } from './tokens.js'

// What a line is at. In this order, because it is mostly asked from which one on, or up to which.
export const IDLE = 0
export const SIGNED_OUT = 1
export const BACKGROUND = 2
export const WAITING = 3
export const LIVE = 4
export const RACING = 5
export const TOKEN = 6
export const CLOSED = 7
export type Phase = number

/** What the client does for its line. */
export interface LineClient {
  readonly _http: Http
  readonly _tokens: Tokens
  readonly _inbox: Pick<Inbox, '_since'>
  /** A new id under which the server remembers a handshake. */
  _uuid(): string
  frame(frame: Frame, opened: string | undefined): void
  /** Phase or transport is another one. */
  _changed(): void
}

/** What a client that knows its surroundings tells the line, and hears from it. */
export interface LineHooks {
  /**
   * Milliseconds between polls that do not wait at the server, where this tab may not keep a request open: browsers allow
   * six per host on HTTP/1.1. Otherwise nothing.
   */
  _rests?(): Promise<number | undefined>
  /** A handshake is under way, or over. */
  _shaking?(on: boolean): void
  /**
   * What went wrong: a failure, or what was thrown; undefined when only the head start of a WebSocket is over.
   * @param doubt true where a WebSocket does not work, or not yet; how many ms it lived where that was too short once more
   */
  _told?(what: unknown, channel?: Channel, doubt?: boolean | number): void
}

/** One line to the server, over the best transport that lives. */
export interface Line {
  _phase: Phase
  transport: Transport | undefined
  retryAt: number | undefined
  /** Races that ended without a line since the last one that lived. */
  _failedRaces: number
  /** Which line this is, so that what was sent on an older one is known to be unsettled. */
  number: number
  /** True when messages may go by POST: the socket has had its head start and is not up. */
  _mayPost(): boolean
  /** Sends a frame on the socket. False when there is none: nothing was sent. */
  send(frame: object): boolean
  /** Begins, or begins again after `rest`. */
  start(): void
  /**
   * The person looks again, or the network is said to be back.
   * @param network it is another one: a present line may stay mute for minutes, so a new one is opened beside it
   */
  wake(network?: boolean): void
  /** The network is said to be gone. That lies both ways: ask the line, keep everything. */
  _doubt(): void
  /** This origin is known for blocking WebSockets: the next one gets no head start, until one has worked. */
  _hasten(): void
  /** Nobody looks: an open stream becomes a poll once a minute. A socket costs nothing and stays. */
  _economize(): void
  /** Gives up the line until `start` or `wake`. */
  _rest(phase?: typeof BACKGROUND | typeof CLOSED | typeof SIGNED_OUT): void
  /** Drops everything and begins again, with back-off. */
  _restart(): void
}
