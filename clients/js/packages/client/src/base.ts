import { Emitter } from './emitter.js'
import type { Frame } from './frames.js'
import type { Page } from './history.js'
import { type Answer, createHttp, type Http } from './http.js'
import { uuidv7 } from './ids.js'
import { createInbox, type Inbox } from './inbox.js'
import { createLine } from './line.js'
import type { Line, LineHooks } from './lineparts.js'
import { errorOf, type Message } from './message.js'
import type { Basics } from './options.js'
import { createOutbox, type Draft, type Outbox, type Pending, type PendingExtras, type Way } from './outbox.js'
import { type ConnectionState, connectionState } from './state.js'
import type { Thread } from './thread.js'
import type { Threads } from './threads.js'
import { createTokens, type TokenSource, type Tokens } from './tokens.js'

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
  declare readonly url: string
  /** @internal */
  declare protected readonly env: Basics
  /** @internal */
  declare readonly tokens: Tokens
  /** @internal */
  declare readonly http: Http
  /** @internal */
  declare readonly line: Line
  /** @internal */
  declare readonly inbox: Inbox
  /** @internal */
  declare readonly outbox: Outbox
  /** @internal */
  declare readonly threads: Threads<T>
  /** @internal */
  maxBytes = MAX_BYTES
  /** It was closed or signed out, and never connects again. */
  ended = false
  #state: ConnectionState

  /** @internal */
  constructor(url: string, token: TokenSource, env: Basics, threads: Threads<T>, line?: LineHooks) {
    super()
    const { clock } = env
    const tokens = createTokens(token, clock)
    this.url = url.replace(/\/+$/, '')
    const http = createHttp(`${this.url}/api/chat`, env.fetch, tokens, clock)
    tokens.lost = () => this.signedOut()
    this.env = env
    this.threads = threads
    this.tokens = tokens
    this.http = http
    this.inbox = createInbox(this, clock)
    this.outbox = createOutbox(this, env)
    this.line = createLine(this, env, line)
    this.#state = connectionState(this.line, clock.now())
  }

  /** Conversations with at least one message; of a `Chat` the newest first. A new array after each change. */
  get conversations(): readonly T[] {
    return this.threads.list
  }

  /** How it is connected now; `state` events tell of changes. */
  get state(): ConnectionState {
    return this.#state
  }

  /** This account's id, null before a line was up. */
  get me(): string | null {
    return this.threads.me
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
    this.line.start()
  }

  /** Looks after the line now instead of at its next timer: for a "try again" button. */
  wake(): void {
    this.line.wake()
    this.hurry()
  }

  /** Ends this client. What is in the outbox stays in the store for the next start. */
  close(): void {
    this.ended = true
    this.outbox.stop()
    this.line.rest('closed')
  }

  /** @internal */
  uuid(): string {
    return uuidv7(this.env)
  }

  /** @internal */
  add(draft: Draft, more: PendingExtras): Pending {
    return this.outbox.add(draft, more)
  }

  /** @internal */
  hurry(): void {
    this.outbox.hurry()
  }

  /** @internal */
  changedIn(thread: Thread): void {
    this.threads.changed(thread as T)
    this.tell('conversations', this.conversations)
  }

  /** @internal A page of history. @throws when it is not to be had now */
  abstract page(thread: Thread, before: number | undefined): Promise<Page>
  /** @internal An event of the log. */
  abstract apply(frame: Frame): void
  /** @internal */
  protected abstract snapshot(frame: Frame): void

  /** @internal */
  anew(frame: Frame, again: boolean): void {
    // Before the first one there can only be messages of ours that went by POST.
    if (again) for (const thread of this.threads.all()) thread.reset()
    this.snapshot(frame)
  }

  /** @internal */
  caughtUp(): void {
    for (const thread of this.threads.all()) void thread.refresh()
  }

  /** @internal */
  protected tell<E extends keyof BaseEvents<T>>(event: E, value: BaseEvents<T>[E]): void {
    ;(this as unknown as Emitter<BaseEvents<T>>).emit(event, value)
  }

  /** @internal */
  frame(frame: Frame, opened: string | undefined): void {
    const { type, user, limits } = frame
    if (type === 'hello') {
      this.threads.me = user ?? this.threads.me
      this.maxBytes = (limits as { bytes?: number } | undefined)?.bytes || this.maxBytes
      this.inbox.hello(frame, opened)
      this.outbox.pump()
    } else if (type === 'ack' || type === 'done') this.outbox.settle(frame)
    else if (type === 'error') this.outbox.refuse(frame)
    else this.inbox.take(frame)
  }

  /** @internal */
  get way(): Way {
    return this.line
  }

  /** @internal */
  post({ draft, type }: Pending): Promise<Answer> {
    return this.http.call('POST', type ? `/v2/${type}` : '/messages', draft)
  }

  /** @internal */
  acked(pending: Pending, ack: Frame): void {
    this.threads.to(pending).settle(pending, ack)
  }

  /** @internal */
  failed(pending: Pending, error: Frame): void {
    this.threads.to(pending).fail(pending, errorOf(error))
  }

  /** @internal */
  protected signedOut(): void {
    this.line.rest('signedOut')
  }

  /** @internal The line's phase is another one. */
  changed(): void {
    this.publish(connectionState(this.line, this.env.clock.now(), this.#state))
    this.outbox.pump()
  }

  /** @internal */
  protected publish(now: ConnectionState): void {
    if (JSON.stringify(now) === JSON.stringify(this.#state)) return
    this.#state = now
    this.tell('state', now)
  }
}
