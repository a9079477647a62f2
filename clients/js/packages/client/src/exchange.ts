import { type Clock, Timer } from './clock.js'
import type { Frame, WireMessage } from './frames.js'
import type { Attachment, Message, SentMessage } from './message.js'
import type { Pending } from './outbox.js'
import { Room, type Telling } from './room.js'
import type { ThreadClient } from './threadclient.js'
import { emptied, type FileToSend, fileOf, isOver, type MessageExtras, notStored, quoteOf, reacted, shownFile } from './writing.js'

/** The rest of the client, as a conversation sees it. */
export interface ConversationParts {
  _tell: Telling
  /** The whole address of what may be named by its path on the server. */
  at<A extends string | null | undefined>(address: A): A
  clock: Clock
  /** A command that is told until it is answered; a later one under the same key makes it needless. @throws ChatError */
  _command(type: string, fields: object, key?: string): Promise<Frame>
  /** A command that is told now or never. */
  _hint(type: string, fields: object): void
  /** Asked over HTTP. @throws ChatError, or when there is no answer */
  _ask(method: string, path: string, body?: object): Promise<Frame>
  /** A file that goes with no message. @returns its id @throws ChatError */
  _upload(file: FileToSend): Promise<string>
  _can(feature: string): boolean
  _relate(conversation: Room, what: 'block' | 'mute', on: boolean): Promise<void>
}

interface Patch {
  seq: number
  apply(message: Message): Message | null
  /** The server has said meanwhile how the message is. */
  overtaken: boolean
}

/** What people do with the messages of a chat. */
export class Exchange extends Room {
  /** @internal */
  protected readonly _parts: ConversationParts
  #patches: Patch[] = []
  #expiry: Timer
  #expires = false

  /** @internal */
  constructor(id: string, kind: 'direct' | 'group', client: ThreadClient, parts: ConversationParts) {
    super(id, kind, client, parts._tell)
    this._parts = parts
    this.#expiry = new Timer(parts.clock)
  }

  override send(text: string, { replyTo, card, mentions, files }: MessageExtras = {}): SentMessage {
    const fields = {
      message: text,
      ...(replyTo && { reply_to: replyTo }),
      ...(card && { card }),
      ...(mentions?.length && { mentions: [...mentions] }),
    }
    const answered = replyTo && this.messages.find(({ id }) => id === replyTo)
    return this._post(fields, {
      ...(files?.length && { files: files.map((file) => fileOf(file, this._client._uuid())) }),
      ...(answered && { shown: { quote: quoteOf(answered) } }),
    })
  }

  /** Sends a copy of a stored message of any chat here: its text, card and files, not its quote or mentions. @throws ChatError of one that is not stored */
  forward({ id, text, card, attachments }: Message): SentMessage {
    if (id === null) throw notStored()
    const files = attachments.map(({ source, ...file }) => file)
    return this._post({ message: '', forward_of: id }, { shown: { text, card, attachments: files, forwarded: true } })
  }

  /** Another text for a message of ours. Shown at once, taken back if the server refuses. @throws ChatError */
  edit(message: Message, text: string): Promise<void> {
    const editedAt = new Date(this._parts.clock.now()).toISOString()
    return this.#do('edit', message, { message: text }, (shown) => ({ ...shown, text, editedAt: shown.text === text ? shown.editedAt : editedAt }))
  }

  /** Deletes a message: for everybody (ours, or as an admin of the group), or only from this account's sight. @throws ChatError */
  delete(message: Message, forWhom: 'me' | 'all'): Promise<void> {
    return this.#do('delete', message, { for: forWhom }, (shown) => (forWhom === 'me' ? null : emptied(shown)))
  }

  /** One emoji of this account under a message; null takes it away. @throws ChatError */
  react(message: Message, emoji: string | null): Promise<void> {
    const me = this._client.me ?? ''
    return this.#do('react', message, { emoji }, (shown) => ({ ...shown, reactions: reacted(shown.reactions, me, emoji) }))
  }

  /** Pins a message for everybody in the chat. @throws ChatError */
  pin(message: Message, on = true): Promise<void> {
    const now = new Date(this._parts.clock.now()).toISOString()
    return this.#do('pin', message, { on }, (shown) => ({ ...shown, pinnedAt: on ? (shown.pinnedAt ?? now) : null }))
  }

  /** Marks a message, for this account alone. @throws ChatError */
  star(message: Message, on = true): Promise<void> {
    return this.#do('star', message, { on }, (shown) => ({ ...shown, starred: on }))
  }

  /** The pinned messages, the newest pin first. @throws ChatError, or when there is no answer */
  async pins(): Promise<readonly Message[]> {
    if (!this.conversation) return []
    const { messages = [] } = await this._parts._ask('GET', `/pins?conversation=${encodeURIComponent(this.conversation)}`)
    return messages.map((wire) => this._see(wire))
  }

  /** Fresh addresses of a file whose own have run out. @throws ChatError, or when there is no answer */
  async fresh({ id }: Attachment): Promise<Pick<Attachment, 'url' | 'thumbUrl'>> {
    const { url, thumb_url } = (await this._parts._ask('GET', `/attachments/${encodeURIComponent(id)}`)) as { url?: string; thumb_url?: string }
    const { at } = this._parts
    return { url: at(url), ...(thumb_url && { thumbUrl: at(thumb_url) }) }
  }

  // What follows is called by the client as the wire speaks.

  /** @internal A message that may not be among those here. */
  _peek(wire: WireMessage): Message {
    return this._see(wire)
  }

  /** @internal A message as it is now. One that is not shown needs nothing: history brings it so. */
  _updated(wire: WireMessage): void {
    for (const patch of this.#patches) if (patch.seq === wire.seq) patch.overtaken = true
    this._change(wire.seq, (present) => {
      const message = { ...this._see(wire), starred: present.starred }
      return message.deleted && isOver(present, this._parts.clock.now()) ? null : message
    })
  }

  /** @internal */
  _hid(seq: number): void {
    this._change(seq, () => null)
  }

  /** @internal */
  _starredIs(seq: number, starred: boolean): void {
    for (const patch of this.#patches) if (patch.seq === seq) patch.overtaken = true
    this._change(seq, (message) => ({ ...message, starred }))
  }

  /** @internal How far a file of a message on its way is. */
  _progress(clientId: string, key: string, progress: number): void {
    const message = this.messages.find((one) => one.clientId === clientId)
    if (message) this._changeOwn(clientId, { attachments: message.attachments.map((file) => (file.id === key ? { ...file, progress } : file)) })
  }

  /** @internal */
  override _written(pending: Pending): Message {
    const message = super._written(pending)
    return { ...message, ...pending.shown, ...(pending.files && { attachments: pending.files.map(shownFile) }) }
  }

  /** @internal With what was done to messages and is not confirmed yet. */
  protected override _view(): Message[] {
    const view = super._view()
    return this.#patches.length ? view.map((message) => this.#shown(message)).filter((message) => message !== null) : view
  }

  /** @internal */
  protected override _tell(message: Message): void {
    const shown = this.#shown(message)
    if (shown) super._tell(shown)
    else this._emit('removed', message)
  }

  /** @internal */
  protected override _see(wire: WireMessage): Message {
    this.#expires ||= !!wire.expires_at
    const message = super._see(wire)
    const { at } = this._parts
    return message.attachments.length
      ? { ...message, attachments: message.attachments.map((file) => ({ ...file, url: at(file.url), thumbUrl: at(file.thumbUrl) })) }
      : message
  }

  /** @internal */
  override _changed(): void {
    super._changed()
    if (this.#expires) this.#watchExpiry()
  }

  #shown(message: Message): Message | null {
    let shown: Message | null = message
    for (const { seq, apply } of this.#patches) if (seq === message.seq && shown) shown = apply(shown)
    return shown
  }

  /** Does to a message what the server is asked to do to it, and takes it back when it refuses. */
  #do(type: string, { id, seq }: Message, fields: object, apply: Patch['apply']): Promise<void> {
    if (id === null || seq === null) return Promise.reject(notStored())
    const patch: Patch = { seq, apply, overtaken: false }
    this.#patches.push(patch)
    const redraw = () => this._change(seq, (message) => message)
    const over = (answer?: Frame) => {
      this.#patches = this.#patches.filter((one) => one !== patch)
      if (answer && answer.type !== 'replaced' && !patch.overtaken) this._change(seq, apply)
      else redraw()
    }
    redraw()
    const done = this._parts._command(type, { id, ...fields }, `${type} ${id}`).then(over, (error) => {
      over()
      throw error
    })
    // Who does not wait for it must not get an unhandled rejection; who does still sees it.
    done.catch(() => {})
    return done
  }

  /** A message that has run out goes when its time comes, whether or not there is a line. */
  #watchExpiry(): void {
    const now = this._parts.clock.now()
    const times = [...this.messages, this.last].map((message) => (message?.expiresAt && message.id ? message : null))
    const over = times.find((message) => message && isOver(message, now))
    if (over) return this._change(over.seq!, () => null)
    const next = Math.min(...times.map((message) => (message ? Date.parse(message.expiresAt!) : Number.POSITIVE_INFINITY)))
    if (next === Number.POSITIVE_INFINITY) this.#expiry.clear()
    else this.#expiry.set(Math.min(next - now, 2 ** 31 - 1), () => this.#watchExpiry())
  }
}
