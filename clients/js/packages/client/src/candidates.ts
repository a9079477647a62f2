import type { Channel, Failure } from './channel.js'
import { type Clock, Timer } from './clock.js'
import type { Frame } from './frames.js'
import type { Handshake } from './handshake.js'
import type { Http } from './http.js'
import { openPoll, type PollPlan } from './poll.js'
import { openSocket, type WebSocketConstructor } from './socket.js'
import { openStream } from './stream.js'

/** A channel that may become the line. `opened` is the cursor it was opened with, `attempt` the server's name for the try. */
export interface Candidate {
  channel: Channel
  opened: string | undefined
  attempt: string
  timer: Timer
}

export interface CandidatesParts extends PollPlan {
  clock: Clock
  http: Http
  WebSocket: WebSocketConstructor | undefined
  /** A new id under which the server remembers a handshake. */
  attempt(): string
  /** A handshake is under way, or over. */
  shaking?(on: boolean): void
}

export interface CandidateEvents {
  frame(candidate: Candidate, frame: Frame): void
  heard(candidate: Candidate): void
  down(candidate: Candidate, failure: Failure): void
}

const CLOSED: Pick<Channel, 'send' | 'close'> = { send: () => false, close: () => {} }

/** The ways to the server that are being tried: at most one WebSocket, and beside it one stream or poll. */
export class Candidates {
  #parts: CandidatesParts
  #handshake: Handshake
  #events: CandidateEvents
  #tried = new Map<'ws' | 'fetch', Candidate>()

  constructor(parts: CandidatesParts, handshake: Handshake, events: CandidateEvents) {
    this.#parts = parts
    this.#handshake = handshake
    this.#events = events
  }

  get socket(): Candidate | undefined {
    return this.#tried.get('ws')
  }

  get none(): boolean {
    return this.#tried.size === 0
  }

  async trySocket(limitMs: number): Promise<void> {
    const { clock, WebSocket, attempt, since, shaking } = this.#parts
    if (!WebSocket || this.socket) return
    const candidate: Candidate = { channel: { transport: 'ws', ...CLOSED }, opened: since(), attempt: attempt(), timer: new Timer(clock) }
    this.#tried.set('ws', candidate)
    shaking?.(true)
    const fail = (how: Failure['how'], reason?: string) => this.socket === candidate && this.#events.down(candidate, { transport: 'ws', how, reason })
    candidate.timer.set(limitMs, () => fail('timeout'))
    try {
      const address = await this.#handshake.prepare(candidate.opened, candidate.attempt)
      if (this.#tried.get('ws') === candidate) candidate.channel = openSocket(WebSocket, clock, ...address, this.#eventsOf(candidate))
    } catch (error) {
      fail('refused', String(error))
    }
  }

  tryFetch(transport: 'stream' | 'poll'): void {
    const { clock, http, attempt, since, hidden, mayWait } = this.#parts
    if (this.#tried.has('fetch')) return
    const candidate: Candidate = { channel: { transport, ...CLOSED }, opened: since(), attempt: attempt(), timer: new Timer(clock) }
    this.#tried.set('fetch', candidate)
    const events = this.#eventsOf(candidate)
    const open = (mayStream: boolean) => {
      if (this.#tried.get('fetch') !== candidate) return
      candidate.channel =
        mayStream && transport === 'stream' ? openStream(http, clock, candidate.opened, events) : openPoll(http, clock, this.#parts, events)
    }
    // A hidden tab, or one too many on HTTP/1.1, leaves the connections to those that need them.
    if (hidden?.()) open(false)
    else if (mayWait) void mayWait().then(open)
    else open(true)
  }

  /** No candidate any more: it is the line now, or over. Its channel stays as it is. */
  remove(candidate: Candidate): void {
    candidate.timer.clear()
    for (const [key, tried] of this.#tried) {
      if (tried !== candidate) continue
      this.#tried.delete(key)
      if (key === 'ws') this.#parts.shaking?.(false)
    }
  }

  drop(): void {
    for (const candidate of [...this.#tried.values()]) {
      candidate.channel.close()
      this.remove(candidate)
    }
  }

  #eventsOf(candidate: Candidate) {
    return {
      frame: (frame: Frame) => this.#events.frame(candidate, frame),
      heard: () => this.#events.heard(candidate),
      down: (failure: Failure) => this.#events.down(candidate, failure),
    }
  }
}
