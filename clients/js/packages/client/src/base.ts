import { Emitter } from './emitter.js'
import type { Frame } from './frames.js'
import type { Page } from './history.js'
import { type Answer, createHttp, type Http } from './http.js'
import { uuidv7 } from './ids.js'
import { createInbox, type Inbox } from './inbox.js'
import { createLine } from './line.js'
import { CLOSED, type Line, type LineHooks, SIGNED_OUT } from './lineparts.js'
import { errorOf, type Message } from './message.js'
import type { Basics } from './options.js'
import { createOutbox, type Outbox, type Pending, type Way } from './outbox.js'
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
  declare protected readonly _env: Basics
  /** @internal */
  declare readonly _tokens: Tokens
  /** @internal */
  declare readonly _http: Http
  /** @internal */
  declare readonly _line: Line
  /** @internal What messages take: the line, or what stands in for it. */
  declare _way: Way
  /** @internal */
  declare readonly _inbox: Inbox
  /** @internal */
  declare readonly _outbox: Outbox
  /** @internal */
  declare readonly _threads: Threads<T>
  /** @internal */
  _maxBytes = MAX_BYTES
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
    tokens._lost = () => this._signedOut()
    this._env = env
    this._threads = threads
    this._tokens = tokens
    this._http = http
    this._inbox = createInbox(this, clock)
    this._outbox = createOutbox(this, env)
    this._way = this._line = createLine(this, env, line)
    this.#state = connectionState(this._line, clock.now())
  }

  /** Conversations with at least one message; of a `Chat` the newest first. A new array after each change. */
  get conversations(): readonly T[] {
    return this._threads.list
  }

  /** How it is connected now; `state` events tell of changes. */
  get state(): ConnectionState {
    return this.#state
  }

  /** This account's id, null before a line was up. */
  get me(): string | null {
    return this._threads.me
  }

  /** The chat with a person, by account id. It need not exist yet: the first `send` makes it. */
  with(person: string): T {
    return this._threads.with(person)
  }

  /** A conversation by its own id, for groups. */
  conversation(id: string): T {
    return this._threads.in(id)
  }

  /** Uses another token source of the same account: after a sign-in that ended `signedOut`. */
  setToken(token: TokenSource): void {
    this._tokens.set(token)
    this._line.start()
  }

  /** Looks after the line now instead of at its next timer: for a "try again" button. */
  wake(): void {
    this._line.wake()
    this._outbox._hurry()
  }

  /** Ends this client. What is in the outbox stays in the store for the next start. */
  close(): void {
    this.ended = true
    this._outbox.stop()
    this._line._rest(CLOSED)
  }

  /** @internal */
  _uuid(): string {
    return uuidv7(this._env)
  }

  /** @internal */
  _changedIn(thread: Thread): void {
    this._threads._changed(thread as T)
    this._tell('conversations', this.conversations)
  }

  /** @internal A page of history. @throws when it is not to be had now */
  abstract page(thread: Thread, before: number | undefined): Promise<Page>
  /** @internal An event of the log. */
  abstract _apply(frame: Frame): void
  /** @internal */
  protected abstract _snapshot(frame: Frame): void

  /** @internal */
  _anew(frame: Frame, again: boolean): void {
    // Before the first one there can only be messages of ours that went by POST.
    if (again) for (const thread of this._threads.all()) thread._reset()
    this._snapshot(frame)
  }

  /** @internal */
  _caughtUp(): void {
    for (const thread of this._threads.all()) thread._refresh()
  }

  /** @internal */
  protected _tell<E extends keyof BaseEvents<T>>(event: E, value: BaseEvents<T>[E]): void {
    ;(this as unknown as Emitter<BaseEvents<T>>)._emit(event, value)
  }

  /** @internal */
  frame(frame: Frame, opened: string | undefined): void {
    const { type, user, limits } = frame
    if (type === 'hello') {
      this._threads.me = user ?? this._threads.me
      this._maxBytes = (limits as { bytes?: number } | undefined)?.bytes || this._maxBytes
      this._inbox._hello(frame, opened)
      this._outbox._pump()
    } else if (type === 'ack' || type === 'done') this._outbox._settle(frame)
    else if (type === 'error') this._outbox._refuse(frame)
    else this._inbox._take(frame)
  }

  /** @internal */
  _post({ draft, type }: Pending): Promise<Answer> {
    return this._http.call('POST', type ? `/v2/${type}` : '/messages', draft)
  }

  /** @internal */
  _acked(pending: Pending, ack: Frame): void {
    this._threads.to(pending)._settle(pending, ack)
  }

  /** @internal */
  _failed(pending: Pending, error: Frame): void {
    this._threads.to(pending)._fail(pending, errorOf(error))
  }

  /** @internal */
  protected _signedOut(): void {
    this._line._rest(SIGNED_OUT)
  }

  /** @internal The line's phase is another one. */
  _changed(): void {
    this._publish(connectionState(this._line, this._env.clock.now(), this.#state))
    this._outbox._pump()
  }

  /** @internal */
  protected _publish(now: ConnectionState): void {
    if (JSON.stringify(now) === JSON.stringify(this.#state)) return
    this.#state = now
    this._tell('state', now)
  }
}
