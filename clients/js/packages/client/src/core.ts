import { Base } from './base.js'
import { systemClock } from './clock.js'
import type { Frame, WireMessage } from './frames.js'
import { type Page, pageOf } from './history.js'
import type { Keeping } from './keeping.js'
import type { Basics } from './options.js'
import type { WebSocketConstructor } from './socket.js'
import { Thread } from './thread.js'
import { Threads } from './threads.js'
import type { TokenSource } from './tokens.js'

export interface CoreOptions extends Partial<Basics> {
  /** Where the outbox survives a restart: `keepIn(storage)`. Default: it is in memory. */
  keep?: Keeping
}

/**
 * The least that still gets every message through once and in order: connects over WebSocket, stream or poll, sends from an
 * outbox in memory, receives, catches up, loads history. Made with `connectChat` of `@tieline/client/core`.
 */
export class Core extends Base<Thread> {
  #next: Frame['next']
  #stop: (() => void) | undefined

  /** @internal */
  constructor(url: string, token: TokenSource, { keep, ...options }: CoreOptions) {
    const env: Basics = {
      fetch: (url, init) => globalThis.fetch(url, init),
      WebSocket: (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket,
      clock: systemClock,
      random: Math.random,
      ...options,
    }
    super(url, token, env, new Threads((id, kind) => new Thread(id, kind, this)))
    this.#stop = keep?._begin(this, env.clock, this._uuid())
    this._line.start()
  }

  override close(): void {
    super.close()
    this.#stop?.()
  }

  /** @internal */
  async page(thread: Thread, before: number | undefined): Promise<Page> {
    // Not connected yet; `loadOlder` answers with nothing.
    if (!this._inbox._since()) throw new Error()
    // An old chat may stand on a later page of the list.
    while (!thread.conversation && this.#next) {
      this._snapshot(await this._http._need('GET', `/conversations?before=${this.#next}`, 'conversations'))
    }
    return thread.conversation ? pageOf(this._http, thread.conversation, before) : {}
  }

  /** @internal */
  protected _snapshot({ conversations = [], next }: Frame): void {
    this.#next = next
    for (const wire of conversations) (wire.user ? this.with(wire.user.id) : this.conversation(wire.conversation))._describe(wire, true)
  }

  /** @internal */
  _apply(frame: Frame): void {
    if (frame.type !== 'message') return
    const wire = frame as Frame & WireMessage
    const conversation = this._threads.of(wire)
    conversation._receive(wire)
    this._outbox._settle(frame)
    if (conversation.last?.id === wire.id) this._tell('message', { conversation, message: conversation.last })
  }
}

/** As `connectChat` of `@tieline/client`, with the least: see {@link Core}. */
export function connectChat(url: string, token: TokenSource, options: CoreOptions = {}): Core {
  return new Core(url, token, options)
}

export type { Transport } from './channel.js'
export type { Clock } from './clock.js'
export type { WirePerson as Person } from './frames.js'
export type { Fetch } from './http.js'
export { indexedDbStorage } from './indexeddb.js'
export { type Keeping, keepIn } from './keeping.js'
export { ChatError, type Message, type MessageState, type SentMessage } from './message.js'
export type { WebSocketConstructor, WebSocketLike } from './socket.js'
export type { ConnectionState } from './state.js'
export type { Storage } from './storage.js'
export type { Thread } from './thread.js'
export type { SendExtras, ThreadEvents } from './threadclient.js'
export type { TokenReason, TokenSource } from './tokens.js'
