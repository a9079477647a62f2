import { Account } from './account.js'
import type { FoundPage, NewGroup, Privacy, SearchQuery, StarredQuery } from './asking.js'
import { Attention } from './attention.js'
import { Base, type BaseEvents } from './base.js'
import { Commands } from './commands.js'
import { Conversation, type ConversationParts } from './conversation.js'
import { Directory } from './directory.js'
import type { Frame, WireMessage, WirePerson } from './frames.js'
import { History, type Page } from './history.js'
import { uuidv7 } from './ids.js'
import { Inquiry } from './inquiry.js'
import { Journal, masked } from './journal.js'
import type { LineParts } from './line.js'
import { ChatError } from './message.js'
import type { OldServer } from './oldserver.js'
import { type ChatOptions, type Surroundings, surroundings } from './options.js'
import type { Draft, Pending, PendingExtras } from './outbox.js'
import { People } from './people.js'
import { type Presence, Watch } from './presence.js'
import { Receipts } from './receipts.js'
import { Shelf } from './shelf.js'
import { connectionState } from './state.js'
import { Tabs } from './tabs.js'
import type { TokenSource } from './tokens.js'
import { readyOf, Uploads } from './uploads.js'

const HOSTILE_FOR_MS = 30 * 60_000
export interface FeatureEvents {
  /** Somebody who is watched came or went. */
  presence: { user: string; presence: Presence | null }
  /** What others may see of this account is another thing, perhaps by another device. */
  privacy: Privacy
}

/** All events of a `Chat`. */
export type ChatEvents = BaseEvents<Conversation> & FeatureEvents

/** All conversations of one account over one line. Make it with `connectChat`. */
export class Chat extends Base<Conversation, FeatureEvents> {
  /** @internal */
  declare readonly threads: Directory
  /** @internal */
  declare protected readonly env: Surroundings
  #people: People
  #tabs: Tabs
  #journal: Journal
  #old: OldServer | undefined
  #inquiry: Inquiry
  #history: History
  #receipts: Receipts
  #shelf: Shelf
  #account: Account
  #attention: Attention
  #commands: Commands
  #uploads: Uploads
  #watch: Watch
  #features: ReadonlySet<string> = new Set()
  #privacy: Privacy | null = null

  /** @internal Use `connectChat`. */
  constructor(url: string, token: TokenSource, options: ChatOptions = {}) {
    const env = surroundings(options)
    const { clock, random, storage } = env
    const tabs = new Tabs(uuidv7(clock.now(), random), env.locks)
    const journal = new Journal(clock, options.log)
    const shelf = new Shelf(storage, clock, () => this.outbox)
    const conversations = new Directory((id, kind) => new Conversation(id, kind, this, this.#conversationParts()))
    const line: Partial<LineParts> = {
      mayWait: async () => {
        const may = await tabs.slot(this.url)
        // The socket may have been faster than the answer.
        if (this.line.transport === 'ws') tabs.freeSlot()
        return may
      },
      hidden: () => this.#attention.hidden,
      doubted: (failure, attempt) => void this.#inquiry.look(failure, attempt),
      lives: (transport) => {
        const ws = transport === 'ws'
        if (ws) {
          this.#inquiry.settled()
          tabs.freeSlot()
        }
        const key = this.#hostileKey
        void (ws ? storage.removeItem(key) : storage.setItem(key, String(clock.now() + HOSTILE_FOR_MS))).catch(() => {})
      },
      hostile: async () => Number(await storage.getItem(this.#hostileKey).catch(() => 0)) > clock.now(),
      shaking: (on) => tabs.shaking(this.url, on),
      note: journal.note,
    }
    super(url, token, env, conversations, line, {
      tab: tabs.id,
      keep: shelf.keep,
      drop: shelf.drop,
      ready: readyOf,
      sendFrame: (frame, pending) => (this.#old ? this.#old.send(pending) : this.line.send(frame)),
      mayPost: () => !this.#old && this.line.mayPost(),
    })
    this.#tabs = tabs
    this.#journal = journal
    this.#shelf = shelf
    const { http, outbox } = this
    this.#history = new History(clock, http, (frame) => this.line.send(frame))
    this.#receipts = new Receipts(clock, (type, fields) => this.#say(type, fields))
    this.#people = new People(http, conversations)
    this.#commands = new Commands(outbox, () => this.uuid())
    this.#uploads = new Uploads({
      ...env,
      http,
      outbox,
      progress: (pending, key, fraction) => this.threads.to(pending).progress(pending.draft.client_id, key, fraction),
    })
    this.#watch = new Watch({
      clock,
      send: (frame) => this.line.send(frame),
      ask: (path) => this.#ask('GET', path),
      changed: (user) => this.emit('presence', { user, presence: this.#watch.of(user) }),
    })
    this.#inquiry = new Inquiry({
      clock,
      http,
      fetch: env.fetch,
      url: this.url,
      report: options.report !== false,
      otherTab: () => tabs.othersShaking(this.url),
      note: journal.note,
      changed: () => this.#publish(),
      old: () => void this.#speakOld(),
    })
    const woke = (network: boolean) => {
      if (network) this.#inquiry.forget()
      this.#woke()
    }
    // A page in the back/forward cache must not keep what it wrote from the tabs that live.
    const froze = () => {
      this.#account.stop()
      tabs.release()
    }
    this.#attention = new Attention(clock, env.signals, this.line, woke, froze)
    this.#account = new Account({
      clock,
      storage,
      tabs,
      shelf,
      url: this.url,
      named: options.account,
      adopted: (pending) => {
        for (const entry of pending) if (entry.files) void this.#uploads.start(entry)
        const messages = pending.filter(({ type }) => !type)
        for (const conversation of new Set(messages.map((entry) => conversations.to(entry))))
          conversation.restore(messages.filter((entry) => conversations.to(entry) === conversation))
      },
      switched: () => {
        this.#uploads.stop()
        this.#shelf.close()
        outbox.leave()
        this.#commands.forget()
        conversations.forget()
        this.inbox.forget()
      },
    })
    this.tokens.got = (token) => this.#account.known(token)
    void this.#account.remember()
    this.line.start()
  }

  /** Conversations with at least one message, newest first. A new array after each change. */
  get conversations(): readonly Conversation[] {
    return this.threads.list
  }

  /** Loads the next page of conversations. False when all are here already. @throws when there is no answer. */
  loadMoreConversations(): Promise<boolean> {
    return this.#people.more()
  }

  /** People by exact e-mail or username. @throws when there is no answer. */
  people(query: string): Promise<readonly WirePerson[]> {
    return this.#people.find(query)
  }

  /** What the server offers: edit, delete, react, reply, groups, ... Show nothing that is not in it. Empty before a line was up. */
  get features(): ReadonlySet<string> {
    return this.#features
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

  override setToken(token: TokenSource): void {
    super.setToken(token)
    this.#old?.revive()
  }

  override wake(): void {
    this.line.wake()
    this.#woke()
  }

  override close(): void {
    this.#attention.stop()
    this.#inquiry.stop()
    this.#account.stop()
    this.#receipts.stop()
    this.#uploads.stop()
    this.#watch.stop()
    this.#old?.close()
    super.close()
    this.#tabs.release()
  }

  /** Ends this client and wipes what it kept on this device, unsent messages included. */
  async signOut(): Promise<void> {
    this.line.rest('signedOut')
    const wiped = Promise.all([this.#shelf.wipe(), this.#account.forget()])
    this.outbox.leave()
    this.threads.forget()
    this.inbox.forget()
    await wiped.catch(() => {})
    this.close()
  }

  /** A report to paste into a bug report: state, findings and the last events. Contains no secrets and no messages. */
  async explain(): Promise<string> {
    const { evidence, diagnosis, server } = this.#inquiry
    const { code, user, operator } = diagnosis ?? {}
    const lines = [
      `Tieline client at ${new Date(this.env.clock.now()).toISOString()}, ${this.url}, server ${server}`,
      `state ${JSON.stringify({ ...this.state, diagnosis: code })}`,
      `cursor ${this.inbox.since() ?? '-'}, outbox ${this.outbox.entries.length}, account ${this.me ?? '-'}`,
      code ? `diagnosis ${code}: ${user} ${operator}` : 'no diagnosis',
      `evidence ${JSON.stringify(evidence ?? null)}`,
      String(this.#journal),
    ]
    return masked(lines.join('\n'))
  }

  get #hostileKey(): string {
    return `tieline-transport:${this.url}`
  }

  #conversationParts(): ConversationParts {
    return {
      tell: (type, thread, seq) => this.#receipts.tell(type, thread, seq),
      url: () => this.url,
      clock: this.env.clock,
      command: (type, fields, key) =>
        this.#old ? Promise.reject(new ChatError('not_offered', 'An old server has nothing of this.')) : this.#commands.tell(type, fields, key),
      hint: (type, fields) => {
        if (!this.line.send({ type, ...fields }) && this.line.phase === 'live') void this.http.call('POST', `/v2/${type}`, fields).catch(() => {})
      },
      ask: (method, path, body) => this.#ask(method, path, body),
      can: (feature) => this.#features.has(feature),
      relate: (conversation, what, on) => this.#people.relate(conversation, what, on),
    }
  }

  /** @internal */
  protected override frame(frame: Frame, opened: string | undefined): void {
    const { type, features } = frame
    if (type === 'page') this.#history.arrived(frame)
    else if (type === 'typing') this.threads.typing(frame)
    else if (type === 'presence') this.#watch.heard(frame)
    else super.frame(frame, opened)
    if (type !== 'hello') return
    if (Array.isArray(features)) this.#features = new Set(features as string[])
    this.#receipts.flush()
    this.#watch.anew()
    this.#uploads.hurry()
  }

  /** @internal */
  protected override acked(pending: Pending, ack: Frame): void {
    if (pending.type) this.#commands.answered(pending, ack)
    else super.acked(pending, ack)
  }

  /** @internal */
  protected override failed(pending: Pending, error: ChatError): void {
    if (pending.type) this.#commands.refused(pending, error)
    else super.failed(pending, error)
  }

  /** @internal */
  protected override signedOut(): void {
    super.signedOut()
    this.#old?.close('signedOut')
    this.#publish()
  }

  /** @internal */
  protected snapshot(frame: Frame): void {
    this.threads.next = frame.next ?? null
    this.threads.describe(frame.conversations ?? [], true)
    if (frame.pos) this.#receipts.received(frame.pos)
  }

  /** @internal */
  protected apply(frame: Frame): void {
    if (frame.type === 'message') {
      const wire = frame as Frame & WireMessage
      const conversation = this.threads.receive(wire)
      this.outbox.settle(frame)
      if (conversation.last?.id === wire.id) this.emit('message', { conversation, message: conversation.last })
      if (!conversation.last?.mine) this.#receipts.received(frame.pos!)
      if (conversation.kind === 'direct' && !conversation.user) void this.#people.meet(conversation)
    } else if (frame.type === 'privacy') this.#privacyIs(frame)
    else this.threads.apply(frame)
  }

  async #say(type: string, fields: object): Promise<boolean> {
    if (this.#old) return this.#old.say(type, fields)
    if (this.line.phase !== 'live') return false
    return this.line.send({ type, ...fields }) || (await this.http.call('POST', `/v2/${type}`, fields)).status < 300
  }

  /** @internal */
  async page(conversation: Conversation, before: number | undefined): Promise<Page> {
    if (this.#old) return this.#old.page(conversation, before)
    while (!conversation.conversation && this.threads.next) await this.#people.more()
    if (this.threads.next === undefined) throw new Error('Not connected yet.')
    if (!conversation.conversation) return { messages: [], more: false }
    const page = await this.#history.page(conversation, before)
    for (const message of page.messages) this.outbox.settle({ type: 'message', ...message })
    return page
  }

  #woke(): void {
    this.#old?.wake()
    this.hurry()
    this.#tabs.live()
    this.#account.claim()
    void this.#account.adopt()
  }

  #privacyIs({ receipts = true, online = true, last_seen = true, typing = true }: { [field: string]: unknown }): void {
    this.#privacy = { receipts, online, lastSeen: last_seen, typing } as Privacy
    this.emit('privacy', this.#privacy)
  }

  /** @internal */
  override add(draft: Draft, more: PendingExtras): Pending {
    const entry = super.add(draft, more)
    if (entry.files) void this.#uploads.start(entry)
    return entry
  }

  /** @internal */
  override hurry(): void {
    this.#uploads.hurry()
    super.hurry()
  }

  async #ask(method: string, path: string, body?: object): Promise<Frame> {
    const { status, body: answer } = await this.http.call(method, path, body)
    if (status < 300) return answer ?? { type: 'done' }
    throw new ChatError(String(answer?.code ?? status), String(answer?.message ?? answer?.detail ?? status))
  }

  async #found(path: string, fields: object): Promise<FoundPage> {
    const query = Object.entries(fields).filter(([, value]) => value !== undefined)
    const { messages = [], next } = await this.#ask(
      'GET',
      `${path}?${query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`,
    )
    return { found: messages.map((wire) => this.threads.found(wire)), next: next === null || next === undefined ? null : String(next) }
  }

  async #entered(answer: Promise<Frame>): Promise<Conversation> {
    const { conversation } = await answer
    return this.conversation(conversation!)
  }

  /** The server has no v2: one socket for each open chat instead of the line. Loaded when there is such a server. */
  async #speakOld(): Promise<void> {
    const { note } = this.#journal
    note('an old server: speaking v1')
    try {
      const { OldServer } = await import('./oldserver.js')
      if (this.line.phase === 'closed') return
      this.line.rest('closed')
      this.#old = new OldServer({
        ...this.env,
        http: this.http,
        tokens: this.tokens,
        directory: this.threads,
        outbox: this.outbox,
        changed: () => this.#publish(),
        note,
      })
      this.#old.wake()
      this.#publish()
    } catch (error) {
      // The app's files are out of reach: the next test of the server tries again.
      this.#inquiry.server = 'unknown'
      note(String(error))
    }
  }

  /** @internal */
  protected override changed(): void {
    const { phase, transport, retryAt } = this.line
    this.#journal.note(`${phase} ${transport ?? ''} ${retryAt && phase === 'waiting' ? `${Math.round(retryAt - this.env.clock.now())} ms` : ''}`)
    if (phase === 'live') this.#inquiry.proven()
    if (transport === 'ws' || (phase !== 'live' && phase !== 'racing')) this.#tabs.freeSlot()
    this.#publish()
  }

  #publish(): void {
    this.publish(connectionState(this.#old ?? this.line, this.env.clock.now(), this.state, this.#inquiry.diagnosis))
  }
}
