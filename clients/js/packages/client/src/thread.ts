import { Emitter } from './emitter.js'
import type { Frame, WireConversation, WireMessage, WirePerson } from './frames.js'
import { ChatError, fromPending, fromWire, type Message, type MessageState, type SentMessage } from './message.js'
import type { Draft, Pending, PendingFile } from './outbox.js'

export interface ThreadEvents {
  /** A message of history, a live one, an own one, or one of these changed: take it by its `clientId`. Oldest first. */
  message: Message
  /** Anything of this conversation is another one: read `messages`, `unread`, ... anew. */
  change: Thread
  /** What was shown may have holes now (a restored server, a very long absence): clear, the newest messages follow. */
  reset: Thread
  /** A message is no longer part of the conversation: discarded before it was sent, or cleared. */
  removed: Message
}

/** What goes with a text. */
export interface SendExtras {
  /** `id` of the message that this one answers. */
  replyTo?: string
  /** An object of the host app. With a card the text may be empty. */
  card?: Record<string, unknown>
}

/** The rest of the client, as a chat's messages see it. */
export interface ThreadParts {
  add(draft: Draft, more: { files?: readonly PendingFile[] }): Pending
  discard(clientId: string): boolean
  hurry(): void
  clientId(): string
  /** A page of messages, oldest first, before `beforeSeq` or the newest. @throws when it is not to be had now. */
  history(thread: Thread, beforeSeq: number | undefined): Promise<{ messages: WireMessage[]; more: boolean }>
  /** A command that is told again until the server has it. */
  tell(type: 'read' | 'clear', thread: Thread, seq: number): void
  changed(thread: Thread): void
  /** This account's id, once it is known. */
  me(): string | undefined
}

const RANK: Record<MessageState, number> = { failed: 0, sending: 1, sent: 2, delivered: 3, read: 4 }

/** The messages of one chat, and how to write in it. The same object for the life of the client. */
export class Thread extends Emitter<ThreadEvents> {
  /** Account id of the other person; in a group the conversation's id. */
  readonly id: string
  readonly kind: 'direct' | 'group'
  /** The server's id of this conversation, null until there is one. */
  conversation: string | null = null
  /** The other person as the server describes them, null while unknown and in groups. */
  user: WirePerson | null = null
  /** The newest stored message, null where there is none. */
  last: Message | null = null
  /** Messages of others after what was read. */
  unread = 0
  headSeq = 0
  readSeq = 0
  muted = false
  /** This account blocks the other person. */
  blocked = false
  /** This account is no longer a member. */
  left = false
  /** Orders the list of conversations: larger is newer. */
  activity = 0
  /** True when the newest page of history is here. */
  loaded = false
  /** True when `loadOlder` would give more. */
  hasMore = false

  /** @internal */
  protected readonly parts: ThreadParts
  #stored: Message[] = []
  #pending: Message[] = []
  #waiters = new Map<string, { resolve(message: Message): void; reject(error: ChatError): void }>()
  #failed = new Map<string, Pending>()
  #peerRead = 0
  #peerDelivered = 0
  #cleared = 0
  #opened = false
  #loading: Promise<unknown> | undefined
  #view: readonly Message[] | undefined

  /** @internal */
  constructor(id: string, kind: 'direct' | 'group', parts: ThreadParts) {
    super()
    this.id = id
    this.kind = kind
    this.parts = parts
  }

  /** Stored messages by seq, then those on their way in the order they were written. A new array after each change. */
  get messages(): readonly Message[] {
    return (this.#view ??= [...this.#stored, ...this.#pending].map((message) => this.shown(message)).filter((message) => message !== null))
  }

  override on<E extends keyof ThreadEvents>(event: E, handler: (value: ThreadEvents[E]) => void): () => void {
    const off = super.on(event, handler)
    this.open()
    return off
  }

  /** Loads the newest messages as soon as there is a line. The first `on` does it by itself. */
  open(): void {
    this.#opened = true
    void this.refresh()
  }

  /**
   * Sends a text. Returns at once; it is kept in the outbox and sent until the server has it or refuses it for good,
   * whatever the network does. Never throws for trouble of the network.
   */
  send(text: string, { replyTo, card }: SendExtras = {}): SentMessage {
    return this.post({ message: text, ...(replyTo && { reply_to: replyTo }), ...(card && { card }) })
  }

  /** Sends a failed message again under its client id, or hurries one that is on its way: never a second copy. */
  retry(clientId: string): void {
    const failed = this.#failed.get(clientId)
    if (failed) {
      this.#pending = this.#pending.filter((message) => message.clientId !== clientId)
      this.#queue(failed.draft, failed.files)
    } else this.parts.hurry()
  }

  /** Takes back a message that failed or is still on its way. One that the server has stored already stays. */
  discard(clientId: string): void {
    const message = this.#pending.find((pending) => pending.clientId === clientId)
    this.parts.discard(clientId)
    if (!message) return
    this.#pending = this.#pending.filter((pending) => pending !== message)
    this.#failed.delete(clientId)
    this.#waiters.get(clientId)?.reject(new ChatError('discarded', 'Taken back before it was sent.'))
    this.#waiters.delete(clientId)
    this.emit('removed', message)
    this.changed()
  }

  /**
   * The page of messages before the oldest one here; `message` events are emitted for them too.
   * @returns the messages that were added, none where there are no older ones or no line.
   */
  async loadOlder(): Promise<readonly Message[]> {
    if (!this.loaded || !this.hasMore) return []
    await this.#loading
    const before = this.#stored[0]?.seq ?? undefined
    const load = this.parts.history(this, before)
    this.#loading = load.catch(() => {})
    try {
      const page = await load
      this.hasMore = page.more
      return this.#merge(page.messages.map((wire) => this.see(wire)))
    } catch {
      return []
    } finally {
      this.#loading = undefined
    }
  }

  /** The person has seen everything up to `seq`, by default all there is. Clears `unread` at once; told when there is a line. */
  markRead(seq = this.headSeq): void {
    if (seq <= this.readSeq) return
    this.#readUpTo(seq)
    this.parts.tell('read', this, seq)
    this.changed()
  }

  /** Hides everything up to now from this account. The other side keeps it. */
  clear(): void {
    const seq = this.headSeq
    this.parts.tell('clear', this, seq)
    this.clearedUpTo(seq)
  }

  // What follows is called by the client as the wire speaks.

  /** @internal Loads the newest page where it is wanted and missing. */
  async refresh(): Promise<void> {
    if (!this.#opened || this.loaded || this.#loading) return
    const load = this.parts.history(this, undefined)
    this.#loading = load.catch(() => {})
    try {
      const { messages, more } = await load
      this.loaded = true
      this.hasMore = more
      this.#merge(messages.map((wire) => this.see(wire)))
      this.changed()
    } catch {
      // Asked again when the line is caught up.
    } finally {
      this.#loading = undefined
    }
  }

  /** @internal What a snapshot or list says. `anew`: what is here cannot be continued. */
  describe(wire: WireConversation, anew: boolean): void {
    this.conversation = wire.conversation
    this.user = wire.user ?? null
    this.headSeq = wire.head_seq
    this.unread = wire.unread
    this.readSeq = anew ? wire.read_seq : Math.max(wire.read_seq, this.readSeq)
    if (this.readSeq >= this.headSeq) this.unread = 0
    this.muted = wire.muted
    this.blocked = wire.blocked
    this.activity = Math.max(wire.activity ?? 0, anew ? 0 : this.activity)
    this.#peerRead = wire.peer_read_seq ?? 0
    this.#peerDelivered = wire.peer_delivered_seq ?? 0
    this.left = wire.left ?? false
    this.last = wire.last && this.see(wire.last)
    this.changed()
  }

  /** @internal Who the other person is. */
  introduce(user: WirePerson): void {
    this.user = user
    this.changed()
  }

  /** @internal Forgets what is stored at the server; what is on its way stays. */
  reset(): void {
    const shown = this.#stored.length > 0
    this.#stored = []
    this.loaded = this.hasMore = false
    this.#cleared = 0
    this.#view = undefined
    if (shown) this.emit('reset', this)
  }

  /** @internal A message event of the log. */
  receive(wire: WireMessage, activity: number): void {
    this.conversation = wire.conversation
    const message = this.see(wire)
    if (wire.seq > this.headSeq) {
      this.headSeq = wire.seq
      this.activity = activity
      if (message.mine) this.#readUpTo(wire.seq)
      else if (wire.seq > this.readSeq) this.unread++
    }
    if (wire.seq >= (this.last?.seq ?? 0)) this.last = message
    // Before the first page is asked for, the page will bring it; an own one is shown from the start.
    if (this.loaded || this.#loading || message.mine) this.#merge([message])
    this.changed()
  }

  /** @internal */
  receipt({ user, delivered_seq = 0, read_seq = 0 }: Frame): void {
    if (this.kind === 'direct' && user !== this.id) this.#readUpTo(read_seq)
    else {
      this.#peerDelivered = Math.max(this.#peerDelivered, delivered_seq, read_seq)
      this.#peerRead = Math.max(this.#peerRead, read_seq)
      this.#stored.forEach((message, at) => {
        const state = this.#stateOf(message.mine, message.seq!)
        if (RANK[state] > RANK[message.state]) this.#put(at, { ...message, state })
      })
    }
    this.changed()
  }

  /** @internal */
  clearedUpTo(seq: number): void {
    this.#cleared = Math.max(this.#cleared, seq)
    const gone = this.#stored.filter((message) => message.seq! <= seq)
    this.#stored = this.#stored.filter((message) => message.seq! > seq)
    this.hasMore = false
    if ((this.last?.seq ?? 0) <= seq) this.last = null
    this.#readUpTo(seq)
    for (const message of gone) this.emit('removed', message)
    this.changed()
  }

  /** @internal */
  relation({ blocked = false, muted = false }: Frame): void {
    this.blocked = blocked
    this.muted = muted
    this.changed()
  }

  /** @internal Shows messages that an earlier process left in the outbox. */
  restore(entries: readonly Pending[]): void {
    const restored = entries.map(fromPending)
    this.#pending = [...restored, ...this.#pending]
    this.changed()
    for (const message of restored) this.emit('message', message)
  }

  /** @internal One of ours is stored: by an ack, an answer, or the message itself. */
  settle(pending: Pending, stored: Frame): void {
    const { client_id } = pending.draft
    this.conversation ??= stored.conversation ?? null
    if (stored.type === 'message') this.#merge([this.see(stored as WireMessage & Frame)])
    else {
      // An acknowledgement tells the place of what was written.
      const written = this.#pending.find(({ clientId }) => clientId === client_id) ?? fromPending(pending)
      const { id, seq, created_at } = stored
      const state = this.#stateOf(true, seq!)
      this.#merge([
        { ...written, id: id!, seq: seq!, fromUser: this.parts.me() ?? '', createdAt: created_at ?? written.createdAt, state, error: null },
      ])
    }
    this.changed()
  }

  /** @internal It will never be stored. */
  fail(pending: Pending, error: ChatError): void {
    const { client_id } = pending.draft
    this.#failed.set(client_id, pending)
    this.#pending = this.#pending.map((message) => {
      if (message.clientId !== client_id) return message
      const failed: Message = { ...message, state: 'failed', error }
      this.emit('message', failed)
      return failed
    })
    this.changed()
    this.#waiters.get(client_id)?.reject(error)
    this.#waiters.delete(client_id)
  }

  /** @internal A message that is here is another one now, or is not to be seen any more (null). */
  protected change(seq: number, changed: (message: Message) => Message | null): void {
    const at = this.#stored.findIndex((message) => message.seq === seq)
    const message = this.#stored[at]
    const next = message && changed(message)
    if (this.last?.seq === seq) this.last = changed(this.last) ?? this.#stored[at - 1] ?? null
    if (next) this.#put(at, next)
    else if (message) {
      this.#stored.splice(at, 1)
      this.emit('removed', message)
    }
    this.changed()
  }

  /** @internal Part of a message on its way is another one: how far its files are. */
  protected changePending(clientId: string, changed: (message: Message) => Message): void {
    this.#pending = this.#pending.map((message) => (message.clientId === clientId ? changed(message) : message))
    const message = this.#pending.find((pending) => pending.clientId === clientId)
    if (message) this.emit('message', message)
    this.changed()
  }

  /** @internal How a message is shown: with what was done to it and is not confirmed yet. */
  protected shown(message: Message): Message | null {
    return message
  }

  /** @internal Where a command is meant to go. */
  protected get target(): { to: string } | { conversation: string } {
    return this.kind === 'direct' ? { to: this.id } : { conversation: this.id }
  }

  /** @internal */
  protected post(fields: Omit<Draft, 'client_id'>, files?: readonly PendingFile[]): SentMessage {
    return this.#queue({ client_id: this.parts.clientId(), ...this.target, ...fields }, files)
  }

  #queue(draft: Draft, files: readonly PendingFile[] | undefined): SentMessage {
    this.#failed.delete(draft.client_id)
    const message = fromPending(this.parts.add(draft, files ? { files } : {}))
    const stored = new Promise<Message>((resolve, reject) => this.#waiters.set(draft.client_id, { resolve, reject }))
    // Who does not ask for `stored` must not get an unhandled rejection; who does still sees it.
    stored.catch(() => {})
    this.#pending = [...this.#pending, message]
    this.changed()
    this.emit('message', message)
    return Object.assign({ stored }, message)
  }

  /** @internal */
  protected see(wire: WireMessage): Message {
    const mine = this.kind === 'direct' ? wire.from_user !== this.id : wire.from_user === this.parts.me()
    return fromWire(wire, mine, this.#stateOf(mine, wire.seq))
  }

  #stateOf(mine: boolean, seq: number): MessageState {
    if (!mine) return 'sent'
    return seq <= this.#peerRead ? 'read' : seq <= this.#peerDelivered ? 'delivered' : 'sent'
  }

  /** Puts messages where their seq belongs and says which are new or changed. */
  #merge(messages: Message[]): Message[] {
    const added: Message[] = []
    for (const message of messages) {
      const seq = message.seq!
      if (seq <= this.#cleared) continue
      // One that an earlier process left may be here twice: on its way, and stored already.
      this.#pending = this.#pending.filter((pending) => pending.clientId !== message.clientId)
      let at = this.#stored.length
      while (at > 0 && this.#stored[at - 1]!.seq! > seq) at--
      const present = this.#stored[at - 1]
      if (present?.seq === seq) {
        const same = { ...message, fromUser: message.fromUser || present.fromUser }
        if (JSON.stringify(present) !== JSON.stringify(same)) this.#put(at - 1, same)
      } else {
        this.#stored.splice(at, 0, message)
        this.#view = undefined
        this.#tell(message)
        added.push(message)
      }
      this.#waiters.get(message.clientId)?.resolve(message)
      this.#waiters.delete(message.clientId)
    }
    return added
  }

  #put(at: number, message: Message): void {
    this.#stored[at] = message
    this.#view = undefined
    this.#tell(message)
  }

  #tell(message: Message): void {
    const shown = this.shown(message)
    if (shown) this.emit('message', shown)
    else this.emit('removed', message)
  }

  #readUpTo(seq: number): void {
    if (seq <= this.readSeq) return
    this.readSeq = seq
    const covered = (this.#stored[0]?.seq ?? Number.POSITIVE_INFINITY) <= seq + 1
    if (seq >= this.headSeq) this.unread = 0
    else if (covered) this.unread = this.#stored.filter((message) => !message.mine && message.seq! > seq).length
  }

  /** @internal */
  protected changed(): void {
    this.#view = undefined
    this.emit('change', this)
    this.parts.changed(this)
  }
}
