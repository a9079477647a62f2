import { type Clock, Timer } from './clock.js'
import type { Frame, WireConversation, WireMessage } from './frames.js'
import { type Attachment, fromSnake, type Message, type SentMessage } from './message.js'
import type { Pending } from './outbox.js'
import { Room, type Telling } from './room.js'
import type { ThreadClient, ThreadEvents } from './thread.js'
import {
  type DraftText,
  emptied,
  endOf,
  fileOf,
  type GroupChange,
  isOver,
  type JoinLink,
  type Member,
  type MessageExtras,
  type MuteUntil,
  notStored,
  quoteOf,
  type Role,
  reacted,
  shownFile,
} from './writing.js'

/** A typing notice is shown for this long, and told again while it goes on. */
const TYPING_SHOWN_MS = 6_000
const TYPING_TOLD_MS = 2_500
const DRAFT_MS = 1_000
const NOBODY: readonly string[] = []

export type ConversationEvents = ThreadEvents

/** The rest of the client, as a conversation sees it. */
export interface ConversationParts {
  tell: Telling
  /** Where the server is: files are named by their path there. */
  url(): string
  clock: Clock
  /** A command that is told until it is answered; a later one under the same key makes it needless. @throws ChatError */
  command(type: string, fields: object, key?: string): Promise<Frame>
  /** A command that is told now or never. */
  hint(type: string, fields: object): void
  /** Asked over HTTP. @throws ChatError, or when there is no answer */
  ask(method: string, path: string, body?: object): Promise<Frame>
  can(feature: string): boolean
  relate(conversation: Conversation, what: 'block' | 'mute', on: boolean): Promise<void>
}

interface Patch {
  seq: number
  apply(message: Message): Message | null
  /** The server has said meanwhile how the message is. */
  overtaken: boolean
}

/** One chat: its messages, how to write in it, and all that people do with messages. The same object for the life of the client. */
export class Conversation extends Room {
  /** Of a group. */
  name: string | null = null
  avatar: string | null = null
  /** This account's, in a group. */
  role: Role | null = null
  /** How many there are in a group. */
  memberCount = 0
  /** Only admins write. */
  announcements = false
  history: 'joined' | 'all' | null = null
  /** When notifications sound again, UTC, ISO 8601; null where they do or where they never will. */
  mutedUntil: string | null = null
  /** Later messages disappear this many seconds after they are stored; 0 for never. */
  disappearS = 0
  /** What was written and not sent, here or on another device. */
  draft: DraftText | null = null
  /** From a stranger, who waits to be answered or blocked. */
  request = false

  readonly #parts: ConversationParts
  #patches: Patch[] = []
  #typing = new Map<string, Timer>()
  #typingList = NOBODY
  #typingTold = Number.NEGATIVE_INFINITY
  #draftTimer: Timer
  #draftsUnderWay = 0
  #expiry: Timer
  #expires = false

  /** @internal */
  constructor(id: string, kind: 'direct' | 'group', client: ThreadClient, parts: ConversationParts) {
    super(id, kind, client, parts.tell)
    this.#parts = parts
    this.#draftTimer = new Timer(parts.clock)
    this.#expiry = new Timer(parts.clock)
  }

  /** Account ids of those who write now. */
  get typing(): readonly string[] {
    return this.#typingList
  }

  override send(text: string, { replyTo, card, mentions, files }: MessageExtras = {}): SentMessage {
    if (this.draft && this.draft.text.trim() === text.trim()) this.setDraft('')
    const fields = {
      message: text,
      ...(replyTo && { reply_to: replyTo }),
      ...(card && { card }),
      ...(mentions?.length && { mentions: [...mentions] }),
    }
    const answered = replyTo && this.messages.find(({ id }) => id === replyTo)
    return this.post(fields, {
      ...(files?.length && { files: files.map((file) => fileOf(file, this.client.uuid())) }),
      ...(answered && { shown: { quote: quoteOf(answered) } }),
    })
  }

  /** Sends a copy of a stored message of any chat here: its text, card and files, not its quote or mentions. @throws ChatError of one that is not stored */
  forward({ id, text, card, attachments }: Message): SentMessage {
    if (id === null) throw notStored()
    const files = attachments.map(({ source, ...file }) => file)
    return this.post({ message: '', forward_of: id }, { shown: { text, card, attachments: files, forwarded: true } })
  }

  /** Another text for a message of ours. Shown at once, taken back if the server refuses. @throws ChatError */
  edit(message: Message, text: string): Promise<void> {
    const editedAt = new Date(this.#parts.clock.now()).toISOString()
    return this.#do('edit', message, { message: text }, (shown) => ({ ...shown, text, editedAt: shown.text === text ? shown.editedAt : editedAt }))
  }

  /** Deletes a message: for everybody (ours, or as an admin of the group), or only from this account's sight. @throws ChatError */
  delete(message: Message, forWhom: 'me' | 'all'): Promise<void> {
    return this.#do('delete', message, { for: forWhom }, (shown) => (forWhom === 'me' ? null : emptied(shown)))
  }

  /** One emoji of this account under a message; null takes it away. @throws ChatError */
  react(message: Message, emoji: string | null): Promise<void> {
    const me = this.client.me ?? ''
    return this.#do('react', message, { emoji }, (shown) => ({ ...shown, reactions: reacted(shown.reactions, me, emoji) }))
  }

  /** Pins a message for everybody in the chat. @throws ChatError */
  pin(message: Message, on = true): Promise<void> {
    const now = new Date(this.#parts.clock.now()).toISOString()
    return this.#do('pin', message, { on }, (shown) => ({ ...shown, pinnedAt: on ? (shown.pinnedAt ?? now) : null }))
  }

  /** Marks a message, for this account alone. @throws ChatError */
  star(message: Message, on = true): Promise<void> {
    return this.#do('star', message, { on }, (shown) => ({ ...shown, starred: on }))
  }

  /** The pinned messages, the newest pin first. @throws ChatError, or when there is no answer */
  async pins(): Promise<readonly Message[]> {
    if (!this.conversation) return []
    const { messages = [] } = await this.#parts.ask('GET', `/pins?conversation=${encodeURIComponent(this.conversation)}`)
    return messages.map((wire) => this.see(wire))
  }

  /** What is being written and not sent yet: kept, and shown on the account's other devices. Told when it rests for a second. */
  setDraft(text: string, replyTo: string | null = null): void {
    const draft = text.trim() ? { text, replyTo } : null
    if (!draft && !this.draft) return
    this.draft = draft
    this.changed()
    if (!this.#parts.can('draft')) return
    this.#draftTimer.set(draft ? DRAFT_MS : 0, () => {
      this.#draftsUnderWay++
      const fields = { ...this.target, message: this.draft?.text ?? '', ...(this.draft?.replyTo && { reply_to: this.draft.replyTo }) }
      const over = () => void this.#draftsUnderWay--
      this.#parts.command('draft', fields, `draft ${this.id}`).then(over, over)
    })
  }

  /** This account writes now. Call it at every key: it is told seldom. */
  setTyping(): void {
    const now = this.#parts.clock.now()
    if (!this.conversation || !this.#parts.can('typing') || Math.abs(now - this.#typingTold) < TYPING_TOLD_MS) return
    this.#typingTold = now
    this.#parts.hint('typing', { conversation: this.conversation })
  }

  /** Lets later messages disappear after so many seconds (3,600 to 7,776,000), 0 for never. In a group for its admins. @throws ChatError */
  disappear(seconds: number): Promise<void> {
    return this.#run('disappear', { ...this.target, seconds })
  }

  /** Silences notifications, for good or until a time; null lets them sound. @throws ChatError */
  async mute(until: MuteUntil | boolean = 'always'): Promise<void> {
    const when = until === true ? 'always' : until || null
    if (!this.#parts.can('mute_until')) return this.#parts.relate(this, 'mute', when !== null)
    const before = [this.muted, this.mutedUntil] as const
    this.#mutedIs(when !== null, when instanceof Date ? when.toISOString() : null)
    try {
      await this.#run('mute', { ...this.target, until: when })
    } catch (error) {
      this.#mutedIs(...before)
      throw error
    }
  }

  /** Refuses messages of this person, or takes them again. @throws ChatError */
  block(on = true): Promise<void> {
    return this.#parts.relate(this, 'block', on)
  }

  /** Takes a request of a stranger as a chat like any other; answering does it too. @throws ChatError */
  accept(): Promise<void> {
    return this.#run('accept', { conversation: this.conversation })
  }

  /** Fresh addresses of a file whose own have run out. @throws ChatError, or when there is no answer */
  async fresh({ id }: Attachment): Promise<Pick<Attachment, 'url' | 'thumbUrl'>> {
    const { url, thumb_url } = (await this.#parts.ask('GET', `/attachments/${encodeURIComponent(id)}`)) as { url?: string; thumb_url?: string }
    const base = this.#parts.url()
    return { url: base + url, ...(thumb_url && { thumbUrl: base + thumb_url }) }
  }

  /** Tells the moderators about a message, or about the person: `spam`, `abuse`, `illegal` or `other`. @throws ChatError */
  flag(reason: string, { message, text }: { message?: Message; text?: string } = {}): Promise<void> {
    return this.#run('flag', { ...(message ? { id: message.id } : { user: this.id }), reason, ...(text && { text }) })
  }

  /** Changes a group. For its admins. @throws ChatError */
  update(change: GroupChange): Promise<void> {
    return this.#run('group_update', { conversation: this.id, ...change })
  }

  /** Members of a group, a page at a time; `next` goes into the next call. @throws when there is no answer */
  async members(after?: string | number): Promise<{ members: readonly Member[]; next: string | number | null }> {
    const { members, next } = await this.#parts.ask(
      'GET',
      `/members?conversation=${encodeURIComponent(this.id)}${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`,
    )
    return { members: fromSnake(members ?? []) as Member[], next: next ?? null }
  }

  /** @throws ChatError */
  addMembers(users: readonly string[]): Promise<void> {
    return this.#run('group_add', { conversation: this.id, members: users })
  }

  /** @throws ChatError */
  removeMember(user: string): Promise<void> {
    return this.#run('group_remove', { conversation: this.id, user })
  }

  /** Giving `owner` away makes oneself an admin. @throws ChatError */
  setRole(user: string, role: Role): Promise<void> {
    return this.#run('group_role', { conversation: this.id, user, role })
  }

  /** @throws ChatError */
  leave(): Promise<void> {
    return this.#run('group_leave', { conversation: this.id })
  }

  /** A code that lets people join, good for seven days unless said otherwise. @throws ChatError, or when there is no answer */
  async link(expiresInSeconds?: number): Promise<JoinLink> {
    const link = await this.#parts.ask('POST', '/v2/group_link', {
      conversation: this.id,
      ...(expiresInSeconds && { expires_in_s: expiresInSeconds }),
    })
    return { code: String(link.code), expiresAt: String(link.expires_at) }
  }

  /** Makes the link useless. @throws ChatError, or when there is no answer */
  async revokeLink(): Promise<void> {
    await this.#parts.ask('POST', '/v2/group_link', { conversation: this.id, revoke: true })
  }

  // What follows is called by the client as the wire speaks.

  /** @internal */
  override describe(wire: WireConversation, anew: boolean): void {
    this.name = wire.name ?? null
    this.avatar = wire.avatar ?? null
    this.role = wire.role ?? null
    this.memberCount = wire.members ?? 0
    this.announcements = wire.announcements ?? false
    this.history = wire.history ?? null
    this.disappearS = wire.disappear_s ?? 0
    this.request = wire.request ?? false
    this.mutedUntil = endOf(wire.muted_until)
    if (!this.#draftTimer.armed && !this.#draftsUnderWay)
      this.draft = wire.draft ? { text: wire.draft.message, replyTo: wire.draft.reply_to ?? null } : null
    super.describe(wire, anew)
  }

  /** @internal */
  override receive(wire: WireMessage, activity: number): void {
    this.#stopsTyping(wire.from_user)
    super.receive(wire, activity)
  }

  /** @internal A message that may not be among those here. */
  peek(wire: WireMessage): Message {
    return this.see(wire)
  }

  /** @internal A message as it is now. One that is not shown needs nothing: history brings it so. */
  updated(wire: WireMessage): void {
    for (const patch of this.#patches) if (patch.seq === wire.seq) patch.overtaken = true
    this.change(wire.seq, (present) => {
      const message = { ...this.see(wire), starred: present.starred }
      return message.deleted && isOver(present, this.#parts.clock.now()) ? null : message
    })
  }

  /** @internal */
  hid(seq: number): void {
    this.change(seq, () => null)
  }

  /** @internal */
  starredIs(seq: number, starred: boolean): void {
    for (const patch of this.#patches) if (patch.seq === seq) patch.overtaken = true
    this.change(seq, (message) => ({ ...message, starred }))
  }

  /** @internal From another device, unless this one is writing. */
  draftIs(text: string | null, replyTo: string | null): void {
    if (this.#draftTimer.armed || this.#draftsUnderWay) return
    this.draft = text ? { text, replyTo } : null
    this.changed()
  }

  /** @internal */
  typingIs(user: string): void {
    if (user === this.client.me) return
    let timer = this.#typing.get(user)
    if (!timer) this.#typing.set(user, (timer = new Timer(this.#parts.clock)))
    timer.set(TYPING_SHOWN_MS, () => this.#stopsTyping(user))
    this.#typingChanged()
  }

  /** @internal How far a file of a message on its way is. */
  progress(clientId: string, key: string, progress: number): void {
    const message = this.messages.find((one) => one.clientId === clientId)
    if (message) this.changeOwn(clientId, { attachments: message.attachments.map((file) => (file.id === key ? { ...file, progress } : file)) })
  }

  /** @internal */
  protected override written(pending: Pending): Message {
    const message = super.written(pending)
    return { ...message, ...pending.shown, ...(pending.files && { attachments: pending.files.map(shownFile) }) }
  }

  /** @internal With what was done to messages and is not confirmed yet. */
  protected override view(): Message[] {
    const view = super.view()
    return this.#patches.length ? view.map((message) => this.#shown(message)).filter((message) => message !== null) : view
  }

  /** @internal */
  protected override tell(message: Message): void {
    const shown = this.#shown(message)
    if (shown) super.tell(shown)
    else this.emit('removed', message)
  }

  /** @internal */
  protected override see(wire: WireMessage): Message {
    this.#expires ||= !!wire.expires_at
    const message = super.see(wire)
    const at = (path: string | undefined) => (path?.startsWith('/') ? this.#parts.url() + path : path)
    return message.attachments.length
      ? { ...message, attachments: message.attachments.map((file) => ({ ...file, url: at(file.url), thumbUrl: at(file.thumbUrl) })) }
      : message
  }

  /** @internal */
  protected override changed(): void {
    super.changed()
    if (this.#expires) this.#watchExpiry()
  }

  #shown(message: Message): Message | null {
    let shown: Message | null = message
    for (const { seq, apply } of this.#patches) if (seq === message.seq && shown) shown = apply(shown)
    return shown
  }

  async #run(type: string, fields: object): Promise<void> {
    await this.#parts.command(type, fields)
  }

  /** Does to a message what the server is asked to do to it, and takes it back when it refuses. */
  #do(type: string, { id, seq }: Message, fields: object, apply: Patch['apply']): Promise<void> {
    if (id === null || seq === null) return Promise.reject(notStored())
    const patch: Patch = { seq, apply, overtaken: false }
    this.#patches.push(patch)
    const redraw = () => this.change(seq, (message) => message)
    const over = (answer?: Frame) => {
      this.#patches = this.#patches.filter((one) => one !== patch)
      if (answer && answer.type !== 'replaced' && !patch.overtaken) this.change(seq, apply)
      else redraw()
    }
    redraw()
    const done = this.#parts.command(type, { id, ...fields }, `${type} ${id}`).then(over, (error) => {
      over()
      throw error
    })
    // Who does not wait for it must not get an unhandled rejection; who does still sees it.
    done.catch(() => {})
    return done
  }

  #mutedIs(muted: boolean, until: string | null): void {
    this.muted = muted
    this.mutedUntil = until
    this.changed()
  }

  #stopsTyping(user: string): void {
    const timer = this.#typing.get(user)
    if (!timer) return
    timer.clear()
    this.#typing.delete(user)
    this.#typingChanged()
  }

  #typingChanged(): void {
    const users = [...this.#typing.keys()]
    if (users.join() === this.#typingList.join()) return
    this.#typingList = users
    this.changed()
  }

  /** A message that has run out goes when its time comes, whether or not there is a line. */
  #watchExpiry(): void {
    const now = this.#parts.clock.now()
    const times = [...this.messages, this.last].map((message) => (message?.expiresAt && message.id ? message : null))
    const over = times.find((message) => message && isOver(message, now))
    if (over) return this.change(over.seq!, () => null)
    const next = Math.min(...times.map((message) => (message ? Date.parse(message.expiresAt!) : Number.POSITIVE_INFINITY)))
    if (next === Number.POSITIVE_INFINITY) this.#expiry.clear()
    else this.#expiry.set(Math.min(next - now, 2 ** 31 - 1), () => this.#watchExpiry())
  }
}
