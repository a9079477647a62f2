import { Emitter } from './emitter.js'
import type { Frame, WireMessage } from './frames.js'
import { Http } from './http.js'
import { uuidv7 } from './ids.js'
import { Inbox } from './inbox.js'
import { Line, type LineParts } from './line.js'
import { ChatError, type Message } from './message.js'
import type { Basics } from './options.js'
import { Outbox, type OutboxParts, type Pending } from './outbox.js'
import { syncFrames } from './poll.js'
import { type ConnectionState, connectionState, sameState } from './state.js'
import type { Thread, ThreadParts } from './thread.js'
import type { Threads } from './threads.js'
import { type TokenSource, Tokens } from './tokens.js'

/** Before a line has said its limit: above this the server closes the line. */
const MAX_BYTES = 1 << 20

export interface BaseEvents<T extends Thread> {
  state: ConnectionState
  /** The list of conversations, or something in it, is another one. */
  conversations: readonly T[]
  /** A stored message of any conversation that has just arrived: for a badge or a sound. History is not among them. */
  message: { conversation: T; message: Message }
}

/** What every client is: one line, an outbox, an inbox, and the chats they are about. */
export abstract class Base<T extends Thread, More = unknown> extends Emitter<BaseEvents<T> & More> {
  readonly url: string
  /** @internal */
  protected readonly env: Basics
  /** @internal */
  protected readonly tokens: Tokens
  /** @internal */
  protected readonly http: Http
  /** @internal */
  protected readonly line: Line
  /** @internal */
  protected readonly inbox: Inbox
  /** @internal */
  protected readonly outbox: Outbox
  /** @internal */
  protected readonly threads: Threads<T>
  #state: ConnectionState
  #maxBytes = MAX_BYTES

  /** @internal `line` and `outbox`: what these get beside. */
  constructor(url: string, token: TokenSource, env: Basics, threads: Threads<T>, line: Partial<LineParts>, outbox: Partial<OutboxParts>) {
    super()
    this.url = url.replace(/\/+$/, '')
    this.env = env
    this.threads = threads
    const { clock, random } = env
    const tokens = (this.tokens = new Tokens(token, clock))
    const http = (this.http = new Http(`${this.url}/api/chat`, env.fetch, tokens, clock))
    http.onSignedOut = () => this.signedOut()
    this.inbox = new Inbox(clock, {
      apply: (frame) => this.apply(frame),
      snapshot: (frame, again) => {
        // Before the first one there can only be messages of ours that went by POST.
        if (again) for (const thread of threads.all()) thread.reset()
        this.snapshot(frame)
      },
      caughtUp: () => {
        for (const thread of threads.all()) void thread.refresh()
      },
      ask: () => void this.#sync(),
      giveUp: () => this.line.restart('a hole that stays'),
    })
    this.outbox = new Outbox({
      clock,
      random,
      tab: '',
      sendFrame: (frame) => this.line.send(frame),
      line: () => this.line.number,
      mayPost: () => this.line.mayPost,
      maxBytes: () => this.#maxBytes,
      post: ({ draft, type }) => http.call('POST', type ? `/v2/${type}` : '/messages', draft),
      acked: (pending, ack) => this.acked(pending, ack),
      failed: (pending, { code, message }) => this.failed(pending, new ChatError(String(code), message ?? String(code))),
      ...outbox,
    })
    this.line = new Line({
      clock,
      random,
      http,
      tokens,
      WebSocket: env.WebSocket,
      since: () => this.inbox.since,
      attempt: () => this.uuid(),
      frame: (frame, opened) => this.frame(frame, opened),
      changed: () => this.changed(),
      ...line,
    })
    this.#state = connectionState(this.line, undefined, undefined, clock.now())
  }

  /** How it is connected now; `state` events tell of changes. */
  get state(): ConnectionState {
    return this.#state
  }

  /** This account's id, null before a line was up. */
  get me(): string | null {
    return this.threads.me ?? null
  }

  /** The chat with a person, by account id. It need not exist yet: the first `send` makes it. */
  with(person: string): T {
    return this.threads.with(person)
  }

  /** A conversation by its own id, for groups. */
  conversation(id: string): T {
    return this.threads.in(id)
  }

  /** Uses another token source of the same account: after a sign-in that ended `signedOut`. */
  setToken(token: TokenSource): void {
    this.tokens.set(token)
    this.line.revive()
  }

  /** Looks after the line now instead of at its next timer: for a "try again" button. */
  wake(): void {
    this.line.wake()
    this.outbox.hurry()
  }

  /** Ends this client. What is in the outbox stays in the store for the next start. */
  close(): void {
    this.outbox.stop()
    this.line.rest('closed')
  }

  /** @internal */
  protected uuid(): string {
    return uuidv7(this.env.clock.now(), this.env.random)
  }

  /** @internal What a chat's messages need. */
  protected threadParts(): ThreadParts {
    return {
      add: (draft, more) => this.outbox.add(draft, more),
      discard: (clientId) => !!this.outbox.discard(clientId),
      hurry: () => this.outbox.hurry(),
      clientId: () => this.uuid(),
      history: (thread, before) => this.page(thread as T, before),
      me: () => this.threads.me,
      changed: (thread) => {
        this.threads.changed(thread as T)
        this.tell('conversations', this.conversations)
      },
    }
  }

  /** Conversations with at least one message, newest first. A new array after each change. */
  abstract get conversations(): readonly T[]
  /** @internal A page of history. @throws when it is not to be had now */
  protected abstract page(thread: T, before: number | undefined): Promise<{ messages: WireMessage[]; more: boolean }>
  /** @internal An event of the log. */
  protected abstract apply(frame: Frame): void
  /** @internal */
  protected abstract snapshot(frame: Frame): void

  /** @internal */
  protected tell<E extends keyof BaseEvents<T>>(event: E, value: BaseEvents<T>[E]): void {
    ;(this as unknown as Emitter<BaseEvents<T>>).emit(event, value)
  }

  /** @internal */
  protected threadOf({ to, conversation }: { to?: string; conversation?: string }): T {
    return to ? this.with(to) : this.conversation(conversation!)
  }

  /** @internal */
  protected frame(frame: Frame, opened: string | undefined): void {
    const { type, client_id } = frame
    if (type === 'hello') {
      this.threads.me = frame.user ?? this.threads.me
      const { bytes } = (frame.limits ?? {}) as { bytes?: number }
      if (bytes) this.#maxBytes = bytes
      this.inbox.hello(frame, opened)
      this.outbox.pump()
    } else if (type === 'ack' || (type === 'done' && client_id)) this.outbox.settle(frame)
    else if (type === 'error' && client_id) this.outbox.refuse(frame)
    else this.inbox.take(frame)
  }

  /** @internal */
  protected acked(pending: Pending, ack: Frame): void {
    this.threadOf(pending.draft).settle(pending, ack)
  }

  /** @internal */
  protected failed(pending: Pending, error: ChatError): void {
    this.threadOf(pending.draft).fail(pending, error)
  }

  /** @internal */
  protected signedOut(): void {
    this.line.rest('signedOut')
  }

  /** @internal The line's phase is another one. */
  protected changed(): void {
    this.publish()
    this.outbox.pump()
  }

  /** @internal */
  protected publish(now: ConnectionState = connectionState(this.line, undefined, this.#state, this.env.clock.now())): void {
    if (sameState(now, this.#state)) return
    this.#state = now
    this.tell('state', now)
  }

  /** Asks for what follows the cursor, on the line or beside it. */
  async #sync(): Promise<void> {
    const { since } = this.inbox
    if (this.line.send({ type: 'sync', since })) return
    try {
      const { body } = await this.http.call('GET', `/sync?limit=200&wait=0&since=${encodeURIComponent(since ?? '')}`)
      if (body?.frames) for (const frame of syncFrames(body, false)) this.inbox.take(frame)
    } catch {
      // Asked again, and given up in time: the inbox counts.
    }
  }
}
