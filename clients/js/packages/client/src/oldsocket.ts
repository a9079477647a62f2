import { type Channel, type ChannelEvents, createChannel } from './channel.js'
import type { Clock } from './clock.js'
import type { Frame, WireMessage } from './frames.js'
import type { Http } from './http.js'
import { openSocket, type WebSocketConstructor } from './socket.js'
import type { Tokens } from './tokens.js'

const HISTORY_MS = 20_000
/** v1 numbers nothing. History is counted from here, so that what is older fits below. */
const FIRST_SEQ = 1_000_000

export interface OldSocketEvents {
  live(): void
  message(wire: WireMessage): void
  down(code: number | undefined, reason: string | undefined): void
}

export interface OldSocketParts {
  clock: Clock
  http: Http
  tokens: Tokens
  WebSocket: WebSocketConstructor | undefined
}

/** One chat's v1 socket. Messages get a `seq` of this process's own, by the server's order. */
export class OldSocket {
  /** The first history, oldest first. */
  readonly history: Promise<WireMessage[]>
  #id: string
  #parts: OldSocketParts
  #events: OldSocketEvents
  #channel: Channel | undefined
  #isLive = false
  #seqs = new Map<string, number>()
  #next = FIRST_SEQ
  #firstHistory: (messages: WireMessage[]) => void = () => {}

  constructor(id: string, parts: OldSocketParts, events: OldSocketEvents) {
    this.#id = id
    this.#parts = parts
    this.#events = events
    this.history = new Promise((resolve) => (this.#firstHistory = resolve))
  }

  async connect(): Promise<void> {
    const { clock, http, tokens, WebSocket } = this.#parts
    if (!WebSocket) throw new Error('An old server needs a WebSocket.')
    this.close()
    const token = await tokens.get()
    const url = `${http.base.replace(/^http/, 'ws')}/ws/${encodeURIComponent(this.#id)}?token=${encodeURIComponent(token)}`
    const events: ChannelEvents = {
      frame: (_, frame) => frame && this.#frame(frame),
      _down: (_, { code, reason }) => {
        this.close()
        this.#events.down(code, reason)
      },
    }
    const channel = (this.#channel = createChannel('ws', clock, events, undefined, ''))
    channel.limit(HISTORY_MS)
    openSocket(WebSocket, clock, channel, url, [])
  }

  send(frame: object): boolean {
    return this.#isLive && (this.#channel?.send(frame) ?? false)
  }

  close(): void {
    this.#isLive = false
    this.#channel?.close()
    this.#channel = undefined
  }

  /** What of all messages stands before the first one that is known. */
  older(all: readonly Frame[]): WireMessage[] {
    const end = all.findIndex(({ id }) => this.#seqs.has(String(id)))
    const before = end < 0 ? [] : all.slice(0, end)
    return before.map((frame, at) => this.#wire(frame, FIRST_SEQ - before.length + at))
  }

  #frame(frame: Frame): void {
    if (frame.type === 'history') {
      this.#channel?.timer.clear()
      const known = this.#seqs.size > 0
      const wires = (frame.messages ?? []).map((message) => this.#wire(message as unknown as Frame))
      // After a reconnect this is the catch-up: what was missed meanwhile is live to the app.
      if (known) for (const wire of wires) this.#events.message(wire)
      else this.#firstHistory(wires)
      this.#isLive = true
      this.#events.live()
    } else if (frame.type === 'message') this.#events.message(this.#wire(frame))
  }

  #wire(frame: Frame, at?: number): WireMessage {
    const id = String(frame.id)
    let seq = this.#seqs.get(id)
    if (seq === undefined) this.#seqs.set(id, (seq = at ?? this.#next++))
    const { post_id, story_id, story_data } = frame
    const card = post_id || story_id ? { post_id, story_id, story_data } : null
    return {
      conversation: `v1:${this.#id}`,
      seq,
      id,
      client_id: frame.client_id ?? `v1:${id}`,
      from_user: String(frame.from_user),
      to_user: String(frame.to_user),
      message: frame.message ?? '',
      created_at: frame.created_at ?? '',
      card,
    }
  }
}
