import { Account } from './account.js'
import { Attention } from './attention.js'
import { Commands } from './commands.js'
import type { Conversation } from './conversation.js'
import { Directory } from './directory.js'
import { Emitter } from './emitter.js'
import type { Frame, WireMessage, WirePerson } from './frames.js'
import { History, type Page } from './history.js'
import { Http } from './http.js'
import { uuidv7 } from './ids.js'
import { Inbox } from './inbox.js'
import { Inquiry } from './inquiry.js'
import { Journal, masked } from './journal.js'
import { Line } from './line.js'
import { ChatError, type Message } from './message.js'
import type { OldServer } from './oldserver.js'
import { type ChatOptions, type Surroundings, surroundings } from './options.js'
import { Outbox } from './outbox.js'
import { People } from './people.js'
import { syncFrames } from './poll.js'
import { type Presence, Watch } from './presence.js'
import { Receipts } from './receipts.js'
import { type ConnectionState, connectionState, sameState } from './state.js'
import { Tabs } from './tabs.js'
import { type TokenSource, Tokens } from './tokens.js'
import { Uploads } from './uploads.js'

const HOSTILE_FOR_MS = 30 * 60_000
/** Before a line has said its limit: above this the server closes the line. */
const MAX_BYTES = 1 << 20

export interface ChatEvents {
  state: ConnectionState
  /** The list of conversations, or something in it, is another one. */
  conversations: readonly Conversation[]
  /** A stored message of any conversation that has just arrived: for a badge or a sound. History is not among them. */
  message: { conversation: Conversation; message: Message }
  /** Somebody who is watched came or went. */
  presence: { user: string; presence: Presence | null }
  /** What others may see of this account is another thing, perhaps by another device. */
  privacy: Privacy
}

/** What others may see. Who hides something does not see it of others either, where the server is set so. */
export interface Privacy {
  readonly receipts: boolean
  readonly online: boolean
  readonly lastSeen: boolean
  readonly typing: boolean
}

export interface SearchQuery {
  /** Words, or beginnings of words. */
  text: string
  conversation?: Conversation
  /** Account id of who wrote it. */
  from?: string
  after?: Date
  before?: Date
  has?: 'image' | 'file' | 'voice'
  limit?: number
  /** `next` of the page before. */
  cursor?: string
}

export interface FoundMessage {
  readonly conversation: Conversation
  readonly message: Message
}

export interface FoundPage {
  readonly found: readonly FoundMessage[]
  /** For the next page, null at the end. */
  readonly next: string | null
}

export interface NewGroup {
  name: string
  members: readonly string[]
  avatar?: string
  announcements?: boolean
  /** What new members see. Default: what comes after they joined. */
  history?: 'joined' | 'all'
}

/** All conversations of one account over one line. Make it with `connectChat`. */
export class Chat extends Emitter<ChatEvents> {
  readonly url: string
  #env: Surroundings
  #tokens: Tokens
  #http: Http
  #line: Line
  #inbox: Inbox
  #outbox: Outbox
  #directory: Directory
  #people: People
  #tabs: Tabs
  #journal: Journal
  #old: OldServer | undefined
  #state: ConnectionState
  #inquiry: Inquiry
  #maxBytes = MAX_BYTES
  #history: History
  #receipts: Receipts
  #account: Account
  #attention: Attention
  #commands: Commands
  #uploads: Uploads
  #watch: Watch
  #features: ReadonlySet<string> = new Set()
  #privacy: Privacy | null = null

  /** @internal Use `connectChat`. */
  constructor(url: string, token: TokenSource, options: ChatOptions = {}) {
    super()
    this.url = url.replace(/\/+$/, '')
    const env = (this.#env = surroundings(options))
    const { clock, random, storage } = env
    this.#journal = new Journal(clock, options.log)
    this.#tokens = new Tokens(token, clock)
    this.#http = new Http(`${this.url}/api/chat`, env.fetch, this.#tokens, clock)
    this.#http.onSignedOut = () => {
      this.#line.rest('signedOut')
      this.#old?.close('signedOut')
      this.#publish()
    }
    this.#tabs = new Tabs(this.#uuid(), env.locks)
    this.#history = new History(clock, this.#http, (frame) => this.#line.send(frame))
    this.#receipts = new Receipts(clock, (type, fields) => this.#say(type, fields))
    this.#directory = new Directory({
      add: (draft, more) => this.#outbox.add(draft, more),
      discard: (clientId) => this.#outbox.discard(clientId),
      hurry: () => this.#hurry(),
      clientId: () => this.#uuid(),
      history: (thread, before) => this.#page(thread as Conversation, before),
      tell: (type, thread, seq) => this.#receipts.tell(type, thread, seq),
      clock,
      command: (type, fields, key) =>
        this.#old ? Promise.reject(new ChatError('not_offered', 'An old server has nothing of this.')) : this.#commands.tell(type, fields, key),
      hint: (type, fields) => {
        if (!this.#line.send({ type, ...fields }) && this.#line.phase === 'live') void this.#http.call('POST', `/v2/${type}`, fields).catch(() => {})
      },
      ask: (method, path, body) => this.#ask(method, path, body),
      can: (feature) => this.#features.has(feature),
      relate: (conversation, what, on) => this.#people.relate(conversation, what, on),
      me: () => this.#directory.me,
      changed: (conversation) => {
        this.#directory.changed(conversation)
        this.emit('conversations', this.conversations)
      },
    })
    this.#people = new People(this.#http, this.#directory)
    this.#inbox = new Inbox(clock, {
      apply: (frame) => this.#apply(frame),
      snapshot: (frame, again) => {
        this.#directory.next = frame.next ?? null
        // Before the first one there can only be messages of ours that went by POST.
        if (again) for (const conversation of this.#directory.all()) conversation.reset()
        this.#directory.describe(frame.conversations ?? [], true)
        if (frame.pos) this.#receipts.received(frame.pos)
      },
      caughtUp: () => {
        for (const conversation of this.#directory.all()) void conversation.refresh()
      },
      ask: () => void this.#sync(),
      giveUp: () => this.#line.restart('a hole that stays'),
    })
    this.#outbox = new Outbox({
      clock,
      random,
      storage,
      tab: this.#tabs.id,
      sendFrame: (frame, pending) => (this.#old ? this.#old.send(pending) : this.#line.send(frame)),
      line: () => this.#line.number,
      mayPost: () => !this.#old && this.#line.mayPost,
      maxBytes: () => this.#maxBytes,
      post: ({ draft, type }) => this.#http.call('POST', type ? `/v2/${type}` : '/messages', draft),
      upload: (pending) => void this.#uploads.start(pending),
      acked: (pending, ack) => {
        if (pending.type) this.#commands.answered(pending, ack)
        else this.#conversationOf(pending.draft).settle(pending, ack)
      },
      failed: (pending, { code, message }) => {
        const error = new ChatError(String(code), message ?? String(code))
        if (pending.type) this.#commands.refused(pending, error)
        else this.#conversationOf(pending.draft).fail(pending, error)
      },
    })
    this.#commands = new Commands(this.#outbox, () => this.#uuid())
    this.#uploads = new Uploads({
      ...env,
      http: this.#http,
      outbox: this.#outbox,
      progress: ({ draft }, key, fraction) => this.#conversationOf(draft).progress(draft.client_id, key, fraction),
    })
    this.#watch = new Watch({
      clock,
      send: (frame) => this.#line.send(frame),
      ask: (path) => this.#ask('GET', path),
      changed: (user) => this.emit('presence', { user, presence: this.#watch.of(user) }),
    })
    this.#line = new Line({
      clock,
      random,
      http: this.#http,
      tokens: this.#tokens,
      WebSocket: env.WebSocket,
      since: () => this.#inbox.since,
      mayWait: async () => {
        const may = await this.#tabs.slot(this.url)
        // The socket may have been faster than the answer.
        if (this.#line.transport === 'ws') this.#tabs.freeSlot()
        return may
      },
      hidden: () => this.#attention.hidden,
      attempt: () => this.#uuid(),
      frame: (frame, opened) => this.#frame(frame, opened),
      changed: () => this.#changed(),
      doubted: (failure, attempt) => void this.#inquiry.look(failure, attempt),
      trusted: () => {
        this.#inquiry.settled()
        this.#tabs.freeSlot()
        void storage.removeItem(this.#hostileKey).catch(() => {})
      },
      distrusted: () => void storage.setItem(this.#hostileKey, String(clock.now() + HOSTILE_FOR_MS)).catch(() => {}),
      hostile: async () => Number(await storage.getItem(this.#hostileKey).catch(() => 0)) > clock.now(),
      shaking: (on) => this.#tabs.shaking(this.url, on),
      note: this.#journal.note,
    })
    this.#inquiry = new Inquiry({
      clock,
      http: this.#http,
      fetch: env.fetch,
      url: this.url,
      report: options.report !== false,
      otherTab: () => this.#tabs.othersShaking(this.url),
      note: this.#journal.note,
      changed: () => this.#publish(),
      old: () => void this.#speakOld(),
    })
    this.#state = connectionState(this.#line, undefined, undefined, clock.now())
    const woke = (network: boolean) => {
      if (network) this.#inquiry.forget()
      this.#woke()
    }
    // A page in the back/forward cache must not keep what it wrote from the tabs that live.
    const froze = () => {
      this.#account.stop()
      this.#tabs.release()
    }
    this.#attention = new Attention(clock, env.signals, this.#line, woke, froze)
    this.#account = new Account({
      clock,
      storage,
      tabs: this.#tabs,
      outbox: this.#outbox,
      url: this.url,
      named: options.account,
      adopted: (pending) => {
        pending = pending.filter(({ type }) => !type)
        const conversations = new Set(pending.map(({ draft }) => this.#conversationOf(draft)))
        for (const conversation of conversations) conversation.restore(pending.filter(({ draft }) => this.#conversationOf(draft) === conversation))
      },
      switched: () => {
        this.#outbox.leave()
        this.#uploads.stop()
        this.#commands.forget()
        this.#directory.forget()
        this.#inbox.forget()
      },
    })
    this.#tokens.got = (token) => this.#account.known(token)
    void this.#account.remember()
    this.#line.start()
  }

  /** How it is connected now; `state` events tell of changes. */
  get state(): ConnectionState {
    return this.#state
  }

  /** Conversations with at least one message, newest first. A new array after each change. */
  get conversations(): readonly Conversation[] {
    return this.#directory.list
  }

  /** This account's id, null before a line was up. */
  get me(): string | null {
    return this.#directory.me ?? null
  }

  /** The chat with a person, by account id. It need not exist yet: the first `send` makes it. */
  with(person: string): Conversation {
    return this.#directory.with(person)
  }

  /** A conversation by its own id, for groups. */
  conversation(id: string): Conversation {
    return this.#directory.in(id)
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
  starred(cursor?: string): Promise<FoundPage> {
    return this.#found('/starred', { before: cursor })
  }

  /** Watches whether people are online, until the returned function is called; `presence` events tell. */
  watch(users: readonly string[]): () => void {
    return this.#watch.add(users)
  }

  /** Whether somebody who is watched is online; null where that is not known. */
  presence(user: string): Presence | null {
    return this.#watch.of(user)
  }

  /** Uses another token source of the same account: after a sign-in that ended `signedOut`. */
  setToken(token: TokenSource): void {
    this.#tokens.set(token)
    this.#line.revive()
    this.#old?.revive()
  }

  /** Looks after the line now instead of at its next timer: for a "try again" button. */
  wake(): void {
    this.#line.wake()
    this.#woke()
  }

  /** Ends this client. What is in the outbox stays in the store for the next start. */
  close(): void {
    this.#attention.stop()
    this.#inquiry.stop()
    this.#account.stop()
    this.#receipts.stop()
    this.#uploads.stop()
    this.#watch.stop()
    this.#old?.close()
    this.#outbox.stop()
    this.#line.rest('closed')
    this.#tabs.release()
  }

  /** Ends this client and wipes what it kept on this device, unsent messages included. */
  async signOut(): Promise<void> {
    this.#line.rest('signedOut')
    const wiped = Promise.all([this.#outbox.wipe(), this.#account.forget()])
    this.#directory.forget()
    this.#inbox.forget()
    await wiped.catch(() => {})
    this.close()
  }

  /** A report to paste into a bug report: state, findings and the last events. Contains no secrets and no messages. */
  async explain(): Promise<string> {
    const { evidence, diagnosis, server } = this.#inquiry
    const { code, user, operator } = diagnosis ?? {}
    const lines = [
      `Tieline client at ${new Date(this.#env.clock.now()).toISOString()}, ${this.url}, server ${server}`,
      `state ${JSON.stringify({ ...this.#state, diagnosis: code })}`,
      `cursor ${this.#inbox.since ?? '-'}, outbox ${this.#outbox.size}, account ${this.me ?? '-'}`,
      code ? `diagnosis ${code}: ${user} ${operator}` : 'no diagnosis',
      `evidence ${JSON.stringify(evidence ?? null)}`,
      String(this.#journal),
    ]
    return masked(lines.join('\n'))
  }

  get #hostileKey(): string {
    return `tieline-transport:${this.url}`
  }

  #uuid(): string {
    return uuidv7(this.#env.clock.now(), this.#env.random)
  }

  #conversationOf({ to, conversation }: { to?: string; conversation?: string }): Conversation {
    return to ? this.with(to) : this.conversation(conversation!)
  }

  #frame(frame: Frame, opened: string | undefined): void {
    const { type } = frame
    if (type === 'hello') {
      this.#directory.me = (frame.user ?? this.#directory.me) as string | undefined
      const { bytes } = (frame.limits ?? {}) as { bytes?: number }
      if (bytes) this.#maxBytes = bytes
      if (Array.isArray(frame.features)) this.#features = new Set(frame.features as string[])
      this.#watch.anew()
      this.#uploads.hurry()
      this.#inbox.hello(frame, opened)
      this.#outbox.pump()
      this.#receipts.flush()
    } else if (type === 'ack' || (type === 'done' && frame.client_id)) this.#outbox.settle(frame)
    else if (type === 'typing') this.#directory.typing(frame)
    else if (type === 'presence') this.#watch.heard(frame)
    else if (type === 'error' && frame.client_id) this.#outbox.refuse(frame)
    else if (type === 'page') this.#history.arrived(frame)
    else this.#inbox.take(frame)
  }

  #apply(frame: Frame): void {
    if (frame.type === 'message') {
      const wire = frame as Frame & WireMessage
      const conversation = this.#directory.receive(wire)
      if (this.#outbox.has(wire.client_id)) this.#outbox.settle(frame)
      if (conversation.last?.id === wire.id) this.emit('message', { conversation, message: conversation.last })
      if (!conversation.last?.mine) this.#receipts.received(frame.pos!)
      if (conversation.kind === 'direct' && !conversation.user) void this.#people.meet(conversation)
    } else if (frame.type === 'privacy') {
      const { receipts = true, online = true, last_seen = true, typing = true } = frame as { [name: string]: unknown } as Record<string, boolean>
      this.#privacy = { receipts, online, lastSeen: last_seen, typing }
      this.emit('privacy', this.#privacy)
    } else this.#directory.apply(frame)
  }

  async #say(type: string, fields: object): Promise<boolean> {
    if (this.#old) return this.#old.say(type, fields)
    if (this.#line.phase !== 'live') return false
    return this.#line.send({ type, ...fields }) || (await this.#http.call('POST', `/v2/${type}`, fields)).status < 300
  }

  async #page(conversation: Conversation, before: number | undefined): Promise<Page> {
    if (this.#old) return this.#old.page(conversation, before)
    while (!conversation.conversation && this.#directory.next) await this.#people.more()
    if (this.#directory.next === undefined) throw new Error('Not connected yet.')
    if (!conversation.conversation) return { messages: [], more: false }
    const page = await this.#history.page(conversation, before)
    for (const message of page.messages) if (this.#outbox.has(message.client_id)) this.#outbox.settle({ type: 'message', ...message })
    return page
  }

  /** Asks for what follows the cursor, on the line or beside it. */
  async #sync(): Promise<void> {
    const { since } = this.#inbox
    if (this.#line.send({ type: 'sync', since })) return
    try {
      const { body } = await this.#http.call('GET', `/sync?limit=200&wait=0&since=${encodeURIComponent(since ?? '')}`)
      if (body?.frames) for (const frame of syncFrames(body, false)) this.#inbox.take(frame)
    } catch {
      // Asked again, and given up in time: the inbox counts.
    }
  }

  #woke(): void {
    this.#old?.wake()
    this.#hurry()
    this.#tabs.live()
    this.#account.claim()
    void this.#account.adopt()
  }

  #hurry(): void {
    this.#uploads.hurry()
    this.#outbox.hurry()
  }

  async #ask(method: string, path: string, body?: object): Promise<Frame> {
    const { status, body: answer } = await this.#http.call(method, path, body)
    if (status < 300) return answer ?? { type: 'done' }
    throw new ChatError(String(answer?.code ?? status), String(answer?.message ?? answer?.detail ?? status))
  }

  async #found(path: string, fields: object): Promise<FoundPage> {
    const query = Object.entries(fields).filter(([, value]) => value !== undefined)
    const { messages = [], next } = await this.#ask(
      'GET',
      `${path}?${query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`,
    )
    return { found: messages.map((wire) => this.#directory.found(wire)), next: next === null || next === undefined ? null : String(next) }
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
      if (this.#line.phase === 'closed') return
      this.#line.rest('closed')
      this.#old = new OldServer({
        ...this.#env,
        http: this.#http,
        tokens: this.#tokens,
        directory: this.#directory,
        outbox: this.#outbox,
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

  #changed(): void {
    const { phase, transport } = this.#line
    if (phase === 'live') this.#inquiry.proven()
    if (transport === 'ws' || (phase !== 'live' && phase !== 'racing')) this.#tabs.freeSlot()
    this.#publish()
    this.#outbox.pump()
  }

  #publish(): void {
    const now = this.#env.clock.now()
    const state = connectionState(this.#old ?? this.#line, this.#inquiry.diagnosis, this.#state, now)
    if (sameState(state, this.#state)) return
    this.#state = state
    this.emit('state', state)
  }
}
