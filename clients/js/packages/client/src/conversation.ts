import { Timer } from './clock.js'
import { type ConversationParts, Exchange } from './exchange.js'
import type { WireConversation, WireMessage } from './frames.js'
import { fromSnake, type Message, type SentMessage } from './message.js'
import type { ThreadClient, ThreadEvents } from './threadclient.js'
import {
  type DraftText,
  endOf,
  type FileToSend,
  type GroupChange,
  type JoinLink,
  type Member,
  type MessageExtras,
  type MuteUntil,
  type Role,
  wireTime,
} from './writing.js'

/** A typing notice is shown for this long, and told again while it goes on. */
const TYPING_SHOWN_MS = 6_000
const TYPING_TOLD_MS = 2_500
const DRAFT_MS = 1_000
const NOBODY: readonly string[] = []

export type ConversationEvents = ThreadEvents

/** One chat: its messages, how to write in it, and all that people do with messages. The same object for the life of the client. */
export class Conversation extends Exchange {
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

  #typing = new Map<string, Timer>()
  #typingList = NOBODY
  #typingTold = Number.NEGATIVE_INFINITY
  #draftTimer: Timer
  #draftsUnderWay = 0

  /** @internal */
  constructor(id: string, kind: 'direct' | 'group', client: ThreadClient, parts: ConversationParts) {
    super(id, kind, client, parts)
    this.#draftTimer = new Timer(parts.clock)
  }

  /** Account ids of those who write now. */
  get typing(): readonly string[] {
    return this.#typingList
  }

  override send(text: string, extras?: MessageExtras): SentMessage {
    if (this.draft && this.draft.text.trim() === text.trim()) this.setDraft('')
    return super.send(text, extras)
  }

  /** What is being written and not sent yet: kept, and shown on the account's other devices. Told when it rests for a second. */
  setDraft(text: string, replyTo: string | null = null): void {
    const draft = text.trim() ? { text, replyTo } : null
    if (!draft && !this.draft) return
    this.draft = draft
    this._changed()
    if (!this._parts._can('draft')) return
    this.#draftTimer.set(draft ? DRAFT_MS : 0, () => {
      this.#draftsUnderWay++
      const fields = { ...this._target, message: this.draft?.text ?? '', ...(this.draft?.replyTo && { reply_to: this.draft.replyTo }) }
      const over = () => void this.#draftsUnderWay--
      this._parts._command('draft', fields, `draft ${this.id}`).then(over, over)
    })
  }

  /** This account writes now. Call it at every key: it is told seldom. */
  setTyping(): void {
    const now = this._parts.clock.now()
    if (!this.conversation || !this._parts._can('typing') || Math.abs(now - this.#typingTold) < TYPING_TOLD_MS) return
    this.#typingTold = now
    this._parts._hint('typing', { conversation: this.conversation })
  }

  /** Lets later messages disappear after so many seconds (3,600 to 7,776,000), 0 for never. In a group for its admins. @throws ChatError */
  disappear(seconds: number): Promise<void> {
    return this.#run('disappear', { ...this._target, seconds })
  }

  /** Silences notifications, for good or until a time; null lets them sound. @throws ChatError */
  async mute(until: MuteUntil | boolean = 'always'): Promise<void> {
    const when = until === true ? 'always' : until || null
    if (!this._parts._can('mute_until')) return this._parts._relate(this, 'mute', when !== null)
    const before = [this.muted, this.mutedUntil] as const
    this.#mutedIs(when !== null, when instanceof Date ? when.toISOString() : null)
    try {
      await this.#run('mute', { ...this._target, until: when instanceof Date ? wireTime(when) : when })
    } catch (error) {
      this.#mutedIs(...before)
      throw error
    }
  }

  /** Refuses messages of this person, or takes them again. @throws ChatError */
  block(on = true): Promise<void> {
    return this._parts._relate(this, 'block', on)
  }

  /** Takes a request of a stranger as a chat like any other; answering does it too. @throws ChatError */
  accept(): Promise<void> {
    return this.#run('accept', { conversation: this.conversation })
  }

  /** Tells the moderators about a message, or about the person: `spam`, `abuse`, `illegal` or `other`. @throws ChatError */
  flag(reason: string, { message, text }: { message?: Message; text?: string } = {}): Promise<void> {
    return this.#run('flag', { ...(message ? { id: message.id } : { user: this.id }), reason, ...(text && { text }) })
  }

  /** Changes a group. For its admins. @throws ChatError */
  update(change: GroupChange): Promise<void> {
    return this.#run('group_update', { conversation: this.id, ...change })
  }

  /** Uploads an image and shows it as the picture of a group, in place of the one before; null takes it away. For its admins. @throws ChatError */
  async setPicture(image: FileToSend | null): Promise<void> {
    await this.update({ avatar: image ? `upload:${await this._parts._upload(image)}` : '' })
  }

  /** Members of a group, a page at a time; `next` goes into the next call. @throws when there is no answer */
  async members(after?: string | number): Promise<{ members: readonly Member[]; next: string | number | null }> {
    const { members, next } = await this._parts._ask(
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
    const link = await this._parts._ask('POST', '/v2/group_link', {
      conversation: this.id,
      ...(expiresInSeconds && { expires_in_s: expiresInSeconds }),
    })
    return { code: String(link.code), expiresAt: String(link.expires_at) }
  }

  /** Makes the link useless. @throws ChatError, or when there is no answer */
  async revokeLink(): Promise<void> {
    await this._parts._ask('POST', '/v2/group_link', { conversation: this.id, revoke: true })
  }

  // What follows is called by the client as the wire speaks.

  /** @internal */
  override _describe(wire: WireConversation, anew: boolean): void {
    this.name = wire.name ?? null
    this.avatar = this._parts.at(wire.avatar) ?? null
    this.role = wire.role ?? null
    this.memberCount = wire.members ?? 0
    this.announcements = wire.announcements ?? false
    this.history = wire.history ?? null
    this.disappearS = wire.disappear_s ?? 0
    this.request = wire.request ?? false
    this.mutedUntil = endOf(wire.muted_until)
    if (!this.#draftTimer._armed && !this.#draftsUnderWay)
      this.draft = wire.draft ? { text: wire.draft.message, replyTo: wire.draft.reply_to ?? null } : null
    super._describe(wire, anew)
  }

  /** @internal */
  override _receive(wire: WireMessage, activity: number): void {
    this.#stopsTyping(wire.from_user)
    super._receive(wire, activity)
    // What a stranger writes counts nowhere until it is accepted.
    if (this.request && this.unread) {
      this.unread = 0
      this._changed()
    }
  }

  /** @internal From another device, unless this one is writing. */
  _draftIs(text: string | null, replyTo: string | null): void {
    if (this.#draftTimer._armed || this.#draftsUnderWay) return
    this.draft = text ? { text, replyTo } : null
    this._changed()
  }

  /** @internal */
  _typingIs(user: string): void {
    if (user === this._client.me) return
    let timer = this.#typing.get(user)
    if (!timer) this.#typing.set(user, (timer = new Timer(this._parts.clock)))
    timer.set(TYPING_SHOWN_MS, () => this.#stopsTyping(user))
    this.#typingChanged()
  }

  async #run(type: string, fields: object): Promise<void> {
    await this._parts._command(type, fields)
  }

  #mutedIs(muted: boolean, until: string | null): void {
    this.muted = muted
    this.mutedUntil = until
    this._changed()
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
    this._changed()
  }
}
