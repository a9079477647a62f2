import { Emitter } from './emitter.js'
import type { Frame, WireConversation, WireMessage, WirePerson } from './frames.js'
import { ChatError, fromPending, fromWire, type Message, type MessageState, type SentMessage } from './message.js'
import type { Draft, Pending, PendingExtras } from './outbox.js'
import type { SendExtras, ThreadClient, ThreadEvents } from './threadclient.js'

/** One of ours that is not stored: what is shown, who waits for it, and what to send again once it has failed. */
export interface Own {
  message: Message
  resolve?(message: Message): void
  reject?(error: ChatError): void
  _failed?: Pending
}

/** The messages of one chat, and how to write in it. The same object for the life of the client. */
export class Thread extends Emitter<ThreadEvents> {
  /** Account id of the other person; in a group the conversation's id. */
  declare readonly id: string
  declare readonly kind: 'direct' | 'group'
  /** The server's id of this conversation, null until there is one. */
  declare conversation: string | null
  /** The other person as the server describes them, null while unknown and in groups. */
  user: WirePerson | null = null
  /** The newest stored message, null where there is none. */
  last: Message | null = null
  headSeq = 0
  /** True when the newest page of history is here. */
  loaded = false
  /** True when `loadOlder` would give more. */
  hasMore = false

  /** @internal */
  declare protected readonly _client: ThreadClient
  /** @internal By seq. */
  protected _stored: Message[] = []
  /** @internal By client id, in the order they were written. */
  _own = new Map<string, Own>()
  #opened = false
  #loading: Promise<readonly Message[]> | undefined
  #view: readonly Message[] | undefined

  /** @internal */
  constructor(id: string, kind: 'direct' | 'group', client: ThreadClient) {
    super()
    this.id = id
    this.kind = kind
    this.conversation = kind === 'direct' ? null : id
    this._client = client
  }

  /** Stored messages by seq, then those on their way in the order they were written. A new array after each change. */
  get messages(): readonly Message[] {
    return (this.#view ??= this._view())
  }

  override on<E extends keyof ThreadEvents>(event: E, handler: (value: ThreadEvents[E]) => void): () => void {
    const off = super.on(event, handler)
    this.open()
    return off
  }

  /** Loads the newest messages as soon as there is a line. The first `on` does it by itself. */
  open(): void {
    this.#opened = true
    this._refresh()
  }

  /**
   * Sends a text. Returns at once; it is kept in the outbox and sent until the server has it or refuses it for good,
   * whatever the network does. Never throws for trouble of the network.
   */
  send(text: string, { replyTo, card }: SendExtras = {}): SentMessage {
    return this._post({ message: text, ...(replyTo && { reply_to: replyTo }), ...(card && { card }) })
  }

  /** Sends a failed message again under its client id, or hurries one that is on its way: never a second copy. */
  retry(clientId: string): void {
    const { _failed: failed } = this._own.get(clientId) ?? {}
    if (!failed) return this._client._outbox._hurry()
    this._own.delete(clientId)
    const { draft, files, shown } = failed
    this.#queue(draft, { files, shown })
  }

  /** Takes back a message that failed or is still on its way. One that the server has stored already stays. */
  discard(clientId: string): void {
    const own = this._own.get(clientId)
    this._client._outbox.discard(clientId)
    if (!own) return
    this._own.delete(clientId)
    own.reject?.(new ChatError('discarded', 'Taken back before it was sent.'))
    this._emit('removed', own.message)
    this._changed()
  }

  /**
   * The page of messages before the oldest one here; `message` events are emitted for them too.
   * @returns the messages that were added, none where there are no older ones or no line.
   */
  async loadOlder(): Promise<readonly Message[]> {
    // The newest page comes first.
    if (!this.loaded) await this.#loading
    return this.hasMore ? this.#load(this._stored[0]?.seq ?? undefined) : []
  }

  // What follows is called by the client as the wire speaks.

  /** @internal Loads the newest page where it is wanted and missing; asked again when the line is caught up. */
  _refresh(): void {
    if (this.#opened && !this.loaded) void this.#load()
  }

  /** @internal What a snapshot or list says. `anew`: what is here cannot be continued. */
  _describe(wire: WireConversation, _anew: boolean): void {
    this.conversation = wire.conversation
    this.user = wire.user ?? null
    this.headSeq = wire.head_seq
    this.last = wire.last && this._see(wire.last)
    this._changed()
  }

  /** @internal Forgets what is stored at the server; what is on its way stays. */
  _reset(): void {
    const shown = this._stored.length
    this._stored = []
    this.loaded = this.hasMore = false
    this.#view = undefined
    if (shown) this._emit('reset', this)
  }

  /** @internal A message event of the log. */
  _receive(wire: WireMessage, _activity?: number): void {
    const { seq } = wire
    const message = this._see(wire)
    this.conversation = wire.conversation
    this.headSeq = Math.max(this.headSeq, seq)
    if (seq >= (this.last?.seq ?? 0)) this.last = message
    // Before the first page is asked for, the page will bring it; an own one is shown from the start.
    if (this.loaded || this.#loading || message.mine) this._merge([message])
    this._changed()
  }

  /** @internal One of ours is stored: by an ack, an answer, or the message itself. */
  _settle(pending: Pending, stored: Frame): void {
    this.conversation ??= stored.conversation ?? null
    // An acknowledgement tells the place of what was written.
    const message =
      stored.type === 'message'
        ? this._see(stored as WireMessage & Frame)
        : {
            ...(this._own.get(pending.draft.client_id)?.message ?? this._written(pending)),
            id: stored.id!,
            seq: stored.seq!,
            createdAt: stored.created_at!,
            fromUser: this._client.me ?? '',
            state: this._stateOf(true, stored.seq!),
          }
    this._merge([message])
    this._changed()
  }

  /** @internal It will never be stored. */
  _fail(pending: Pending, error: ChatError): void {
    const { client_id } = pending.draft
    const own = this._own.get(client_id)
    if (own) own._failed = pending
    this._changeOwn(client_id, { state: 'failed', error })
    own?.reject?.(error)
  }

  /** @internal Part of a message on its way is another one. */
  protected _changeOwn(clientId: string, change: Partial<Message>): void {
    const own = this._own.get(clientId)
    if (own) this._emit('message', (own.message = { ...own.message, ...change }))
    this._changed()
  }

  /** @internal What is shown, in order. */
  protected _view(): Message[] {
    return [...this._stored, ...[...this._own.values()].map(({ message }) => message)]
  }

  /** @internal Says that a stored message is new or another one. */
  protected _tell(message: Message): void {
    this._emit('message', message)
  }

  /** @internal Where a command is meant to go. */
  protected get _target(): { to?: string; conversation?: string } {
    return { [this.kind === 'direct' ? 'to' : 'conversation']: this.id }
  }

  /** @internal */
  protected _post(fields: Omit<Draft, 'client_id'>, more: PendingExtras = {}): SentMessage {
    return this.#queue({ client_id: this._client._uuid(), ...this._target, ...fields }, more)
  }

  /** @internal */
  protected _see(wire: WireMessage): Message {
    const mine = this.kind === 'direct' ? wire.from_user !== this.id : wire.from_user === this._client.me
    return fromWire(wire, mine, this._stateOf(mine, wire.seq))
  }

  /** @internal What is shown of one that is not stored. */
  _written(pending: Pending): Message {
    return fromPending(pending)
  }

  /** @internal */
  protected _stateOf(_mine: boolean, _seq: number): MessageState {
    return 'sent'
  }

  /** @internal Puts messages where their seq belongs. @returns those that are new */
  protected _merge(messages: Message[]): Message[] {
    return messages.filter((message) => {
      const { _stored: stored } = this
      const { clientId, seq } = message
      // One that an earlier process left may be here twice: on its way, and stored already.
      const own = this._own.get(clientId)
      this._own.delete(clientId)
      let at = stored.length
      while (at > 0 && stored[at - 1]!.seq! > seq!) at--
      const present = stored[at - 1]
      const known = present?.seq === seq
      if (!known) this._put(at, message, 0)
      else if (JSON.stringify(present) !== JSON.stringify(message)) this._put(at - 1, message)
      own?.resolve?.(message)
      return !known
    })
  }

  /** @internal */
  protected _put(at: number, message: Message, replaced = 1): void {
    this._stored.splice(at, replaced, message)
    this.#view = undefined
    this._tell(message)
  }

  /** @internal */
  _changed(): void {
    this.#view = undefined
    this._emit('change', this)
    this._client._changedIn(this)
  }

  /** Asked again while it is under way it is the same page: whoever scrolls asks often. */
  #load(before?: number): Promise<readonly Message[]> {
    const load = async () => {
      try {
        const { messages = [], more = false } = await this._client.page(this, before)
        this.loaded = true
        this.hasMore = more
        const added = this._merge(messages.map((wire) => this._see(wire)))
        this._changed()
        return added
      } catch {
        return []
      } finally {
        this.#loading = undefined
      }
    }
    return (this.#loading ??= load())
  }

  #queue(draft: Draft, more: PendingExtras): SentMessage {
    const message = this._written(this._client._outbox.add(draft, more))
    const own: Own = { message }
    const stored = new Promise<Message>((resolve, reject) => Object.assign(own, { resolve, reject }))
    // Who does not ask for `stored` must not get an unhandled rejection; who does still sees it.
    stored.catch(() => {})
    this._own.set(draft.client_id, own)
    this._changed()
    this._emit('message', message)
    return { ...message, stored }
  }
}
