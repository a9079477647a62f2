import type { FeatureEvents, FoundPage, NewGroup, Privacy, SearchQuery, StarredQuery } from './asking.js'
import type { BaseEvents } from './base.js'
import { Client } from './client.js'
import { Commands } from './commands.js'
import { Conversation } from './conversation.js'
import type { ConversationParts } from './exchange.js'
import type { Frame, WireMessage, WirePerson } from './frames.js'
import { History, type Page } from './history.js'
import { LIVE } from './lineparts.js'
import { ChatError, errorOf } from './message.js'
import type { ChatOptions } from './options.js'
import type { Pending } from './outbox.js'
import { People } from './people.js'
import { type Presence, Watch } from './presence.js'
import { Receipts } from './receipts.js'
import type { TokenSource } from './tokens.js'

/** All events of a `Chat`. */
export type ChatEvents = BaseEvents<Conversation> & FeatureEvents

/** All conversations of one account over one line. Make it with `connectChat`. */
export class Chat extends Client {
  #history: History
  #receipts: Receipts
  #people: People
  #commands: Commands
  #watch: Watch
  #features: ReadonlySet<string> = new Set()
  #privacy: Privacy | null = null

  /** @internal Use `connectChat`. */
  constructor(url: string, token: TokenSource, options?: ChatOptions) {
    super(url, token, options)
    const { _http: http, _outbox: outbox, _line: line } = this
    const { clock } = this._env
    const send = (frame: object) => line.send(frame)
    this.#history = new History(clock, http, send)
    this.#receipts = new Receipts(clock, (type, fields) => this.#say(type, fields))
    this.#people = new People(http, this._threads)
    this.#commands = new Commands(outbox, () => this._uuid())
    this.#watch = new Watch({
      clock,
      send,
      ask: (path) => this.#ask('GET', path),
      changed: (user) => this._emit('presence', { user, presence: this.#watch.of(user) }),
    })
    line.start()
  }

  /** What the server offers: edit, delete, react, reply, groups, ... Show nothing that is not in it. Empty before a line was up. */
  get features(): ReadonlySet<string> {
    return this.#features
  }

  /** Loads the next page of conversations. False when all are here already. @throws when there is no answer. */
  loadMoreConversations(): Promise<boolean> {
    return this.#people.more()
  }

  /** People by exact e-mail or username. @throws when there is no answer. */
  people(query: string): Promise<readonly WirePerson[]> {
    return this.#people.find(query)
  }

  /** What others may see of this account, null while unknown. */
  get privacy(): Privacy | null {
    return this.#privacy
  }

  /** Asks for it where it is unknown; later changes come as `privacy` events. @throws when there is no answer */
  async loadPrivacy(): Promise<Privacy> {
    if (!this.#privacy) this.#privacyIs(await this.#ask('GET', '/privacy'))
    return this.#privacy!
  }

  /** @throws ChatError */
  async setPrivacy({ lastSeen, ...change }: Partial<Privacy>): Promise<void> {
    await this.#commands.tell('privacy', { ...change, ...(lastSeen !== undefined && { last_seen: lastSeen }) })
  }

  /** Makes a group, with this account as its owner. @throws ChatError */
  createGroup(group: NewGroup): Promise<Conversation> {
    return this.#entered(this.#commands.tell('group_create', group))
  }

  /** Joins a group by the code of its link. @throws ChatError */
  join(code: string): Promise<Conversation> {
    return this.#entered(this.#commands.tell('group_join', { code }))
  }

  /** This account's messages that have these words, newest first. @throws ChatError, or when there is no answer */
  search({ text, conversation, after, before, ...more }: SearchQuery): Promise<FoundPage> {
    return this.#found('/search', {
      q: text,
      conversation: conversation?.conversation,
      after: after?.toISOString(),
      before: before?.toISOString(),
      ...more,
    })
  }

  /** The messages that this account has starred, newest first. @throws ChatError, or when there is no answer */
  starred({ before, limit }: StarredQuery = {}): Promise<FoundPage> {
    return this.#found('/starred', { before, limit })
  }

  /** Watches whether people are online, until the returned function is called; `presence` events tell. */
  watch(users: readonly string[]): () => void {
    return this.#watch.add(users)
  }

  /** Whether somebody who is watched is online; null where that is not known. */
  presence(user: string): Presence | null {
    return this.#watch.of(user)
  }

  override close(): void {
    this.#receipts.stop()
    this.#watch.stop()
    super.close()
  }

  /** @internal */
  override _changedIn(thread: Conversation): void {
    super._changedIn(thread)
    if (thread.conversation) this.#watch.met(thread.id)
  }

  /** @internal */
  protected _make(id: string, kind: 'direct' | 'group'): Conversation {
    const parts: ConversationParts = {
      _tell: (type, thread, seq) => this.#receipts.tell(type, thread, seq),
      at: (address) => (address?.startsWith('/') ? this.url + address : address) as typeof address,
      clock: this._env.clock,
      _command: (type, fields, key) =>
        this._old ? Promise.reject(new ChatError('not_offered', 'An old server has nothing of this.')) : this.#commands.tell(type, fields, key),
      _hint: (type, fields) => {
        if (!this._line.send({ type, ...fields }) && this._line._phase === LIVE) void this._http.call('POST', `/v2/${type}`, fields).catch(() => {})
      },
      _ask: (method, path, body) => this.#ask(method, path, body),
      _upload: (file) => this._upload(file),
      _can: (feature) => this.#features.has(feature),
      _relate: (conversation, what, on) => this.#people.relate(conversation, what, on),
    }
    return new Conversation(id, kind, this, parts)
  }

  /** @internal */
  protected _forgotten(): void {
    this.#commands.forget()
    this.#people.unmet.clear()
  }

  /** @internal */
  override frame(frame: Frame, opened: string | undefined): void {
    const { type, features } = frame
    if (type === 'page') this.#history.arrived(frame)
    else if (type === 'typing') this._threads._typing(frame)
    else if (type === 'presence') this.#watch.heard(frame)
    else super.frame(frame, opened)
    if (type !== 'hello') return
    if (Array.isArray(features)) this.#features = new Set(features as string[])
    this.#receipts.flush()
    this.#people.again()
    this.#watch.anew()
  }

  /** @internal */
  override _acked(pending: Pending, ack: Frame): void {
    if (pending.type) this.#commands.answered(pending, ack)
    else super._acked(pending, ack)
  }

  /** @internal */
  override _failed(pending: Pending, error: Frame): void {
    if (pending.type) this.#commands.refused(pending, errorOf(error))
    else super._failed(pending, error)
  }

  /** @internal */
  protected _snapshot(frame: Frame): void {
    this._threads.next = frame.next ?? null
    this._threads._describe(frame.conversations ?? [], true)
    if (frame.pos) this.#receipts.received(frame.pos)
  }

  /** @internal */
  _apply(frame: Frame): void {
    if (frame.type === 'message') {
      const wire = frame as Frame & WireMessage
      const conversation = this._threads._receive(wire)
      this._outbox._settle(frame)
      if (conversation.last?.id === wire.id) this._emit('message', { conversation, message: conversation.last })
      if (!conversation.last?.mine) this.#receipts.received(frame.pos!)
      // Somebody's first message may be a request, also where the chat was open already and its name known.
      const asks = this.#features.has('requests')
      if (conversation.kind === 'direct' && (!conversation.user || (asks && wire.seq === 1))) void this.#people.meet(conversation, asks)
    } else if (frame.type === 'privacy') this.#privacyIs(frame)
    else this._threads._apply(frame)
  }

  async #say(type: string, fields: object): Promise<boolean> {
    if (this._old) return this._old.say(type, fields)
    if (this._line._phase !== LIVE) return false
    return this._line.send({ type, ...fields }) || (await this._http.call('POST', `/v2/${type}`, fields)).status < 300
  }

  /** @internal */
  async page(conversation: Conversation, before: number | undefined): Promise<Page> {
    if (this._old) return this._old.page(conversation, before)
    while (!conversation.conversation && this._threads.next) await this.#people.more()
    if (this._threads.next === undefined) throw new Error('Not connected yet.')
    if (!conversation.conversation) {
      // Nothing was said yet, so no list has told who they are.
      if (conversation.kind === 'direct' && !conversation.user) void this.#people.meet(conversation, false)
      return {}
    }
    const page = await this.#history.page(conversation, before)
    for (const message of page.messages ?? []) this._outbox._settle({ type: 'message', ...message })
    return page
  }

  /** @throws ChatError, or when there is no answer */
  async #ask(method: string, path: string, body?: object): Promise<Frame> {
    const { status, body: answer } = await this._http.call(method, path, body)
    if (status < 300) return answer ?? { type: 'done' }
    throw new ChatError(String(answer?.code ?? status), String(answer?.message ?? answer?.detail ?? status))
  }

  #privacyIs({ receipts = true, online = true, last_seen = true, typing = true }: { [field: string]: unknown }): void {
    this.#privacy = { receipts, online, lastSeen: last_seen, typing } as Privacy
    this._emit('privacy', this.#privacy)
  }

  async #found(path: string, fields: object): Promise<FoundPage> {
    const query = Object.entries(fields).filter(([, value]) => value !== undefined)
    const { messages = [], next } = await this.#ask(
      'GET',
      `${path}?${query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`,
    )
    return { found: messages.map((wire) => this._threads._found(wire)), next: next === null || next === undefined ? null : String(next) }
  }

  async #entered(answer: Promise<Frame>): Promise<Conversation> {
    const { conversation } = await answer
    return this.conversation(conversation!)
  }
}
