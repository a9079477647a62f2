import type { Frame, WireConversation, WireMessage } from '../../packages/client/src/frames.js'
import { command, Personal, type Room, type Upload } from './features.js'

/** A chat server small enough to be read: the promises of protocol/README.md in memory, with places to break them. */
export class Backend {
  epoch = 'e1'
  pingSeconds = 20
  maxBytes = 65_536
  /** Cursors further behind than this get a snapshot. */
  retention = Number.POSITIVE_INFINITY
  /** Called before a send is stored: an `error` frame refuses it. */
  refuse: (draft: Frame, from: string) => Partial<Frame> | undefined = () => undefined
  /** Called with every frame that leaves a line; false swallows it. */
  deliver: (frame: Frame, account: string) => boolean = () => true
  /** Every `send` that arrived, resends included. */
  arrivals: string[] = []
  now: () => number = () => Date.now()
  readonly lines = new Set<BackendLine>()
  #logs = new Map<string, Frame[]>()
  /** What `hello` says that there is. */
  features: string[] = [
    'edit',
    'delete',
    'react',
    'reply',
    'forward',
    'mention',
    'pin',
    'star',
    'draft',
    'typing',
    'presence',
    'groups',
    'mute_until',
    'attachments',
    'search',
    'privacy',
    'disappear',
    'report',
  ]
  readonly personal = new Personal()
  readonly uploads = new Map<string, Upload>()
  #conversations = new Map<string, Room>()
  #stored = new Map<string, Frame>()

  log(account: string): Frame[] {
    let log = this.#logs.get(account)
    if (!log) this.#logs.set(account, (log = []))
    return log
  }

  /** All that was stored between two people, by seq. */
  messages(a: string, b: string): WireMessage[] {
    return this.#between(a, b).messages
  }

  /** Stores a message as `from`, as if it came over another device. */
  write(from: string, to: string, message: string, clientId = `${from}:${Math.random()}`): Frame {
    return this.send(from, { type: 'send', client_id: clientId, to, message })
  }

  send(from: string, draft: Frame): Frame {
    const { client_id, to = '', message = '' } = draft as Frame & { to?: string }
    const room = draft.conversation ? this.room(draft.conversation) : undefined
    this.arrivals.push(client_id!)
    const key = `${from} ${client_id}`
    const before = this.#stored.get(key)
    if (before) return { ...before, duplicate: true }
    const refusal = this.refuse(draft, from)
    if (refusal) return { type: 'error', client_id: client_id!, message: 'Refused.', ...refusal }
    const conversation = room ?? this.#between(from, to as string)
    return this.store(conversation, from, draft, message, key)
  }

  /** Puts a message of `from` into a conversation and into the logs of all who are in it. */
  store(conversation: Room, from: string, draft: Frame, message: string, key = ''): Frame {
    const { client_id } = draft
    const original = draft.forward_of ? this.find(String(draft.forward_of)) : undefined
    const seq = conversation.messages.length + 1
    const stays = draft.system ? 0 : (conversation.disappearS ?? 0)
    const wire: WireMessage = {
      conversation: conversation.id,
      seq,
      id: `${conversation.id}.${seq}`,
      client_id: client_id!,
      from_user: from,
      to_user: conversation.name === undefined ? (conversation.people.find((person) => person !== from) ?? from) : null,
      message: original?.message ?? message,
      created_at: new Date(this.now()).toISOString().replace('Z', '000Z'),
      ...(draft.card && { card: draft.card }),
      ...(draft.mentions && { mentions: draft.mentions }),
      ...(draft.reply_to && { reply_to: draft.reply_to, quote: this.quote(draft.reply_to) }),
      ...(original && { forwarded: true }),
      ...(draft.system && { system: draft.system }),
      ...(stays && { expires_at: new Date(this.now() + stays * 1000).toISOString() }),
      ...(draft.attachments && {
        attachments: draft.attachments.map(({ id, name }) => ({
          id,
          name: name ?? null,
          kind: 'file',
          type: 'text/plain',
          size: this.uploads.get(id)?.size ?? 0,
          url: `/api/chat/files/${id}?s=1`,
        })),
      }),
    }
    conversation.messages.push(wire)
    const pos = this.append(from, { type: 'message', ...wire })
    for (const person of conversation.people) if (person !== from) this.append(person, { type: 'message', ...wire })
    const { id, created_at } = wire
    const ack: Frame = { type: 'ack', client_id: client_id!, id, conversation: conversation.id, seq, pos, created_at, duplicate: false }
    if (key) this.#stored.set(key, ack)
    return ack
  }

  /** What a command of people does. */
  command(account: string, frame: Frame): Frame | undefined {
    this.arrivals.push(`${frame.type} ${frame.client_id}`)
    const refusal = this.refuse(frame, account)
    if (refusal) return { type: 'error', client_id: frame.client_id!, message: 'Refused.', ...refusal }
    const key = `${account} ${frame.client_id}`
    const before = this.#stored.get(key)
    if (before) return { ...before, duplicate: true }
    const answer = command(this, account, frame)
    if (answer?.type === 'ack') this.#stored.set(key, answer)
    return answer && frame.client_id ? { ...answer, client_id: frame.client_id } : answer
  }

  room(id: string): Room | undefined {
    return [...this.#conversations.values()].find((room) => room.id === id)
  }

  /** A new group. */
  group(id: string, name: string, people: string[]): Room {
    const room: Room = { id, name, people, messages: [], read: new Map(), delivered: new Map() }
    this.#conversations.set(id, room)
    return room
  }

  direct(a: string, b: string): Room {
    return this.#between(a, b)
  }

  /** All that an account may see. */
  all(account: string): WireMessage[] {
    return [...this.#conversations.values()].filter(({ people }) => people.includes(account)).flatMap(({ messages }) => messages)
  }

  find(id: string): WireMessage | undefined {
    for (const { messages } of this.#conversations.values()) for (const message of messages) if (message.id === id) return message
    return undefined
  }

  quote(id: string) {
    const { from_user, message } = this.find(id)!
    return { id, from_user, message: message.slice(0, 200) }
  }

  append(account: string, event: Frame): number {
    const log = this.log(account)
    const frame = { ...event, pos: log.length + 1 }
    log.push(frame)
    for (const line of this.lines) if (line.account === account) line.live(frame)
    return frame.pos
  }

  receipt(account: string, conversationId: string, read: number | undefined, delivered: number | undefined): void {
    const conversation = [...this.#conversations.values()].find(({ id }) => id === conversationId)
    if (!conversation) return
    if (read !== undefined) conversation.read.set(account, Math.max(read, conversation.read.get(account) ?? 0))
    const reached = Math.max(delivered ?? 0, conversation.delivered.get(account) ?? 0, read ?? 0)
    conversation.delivered.set(account, reached)
    const event: Frame = {
      type: 'receipt',
      conversation: conversationId,
      user: account,
      delivered_seq: reached,
      read_seq: conversation.read.get(account) ?? 0,
    }
    for (const person of conversation.people) this.append(person, event)
  }

  /** What this device has: for each conversation the newest message of the other one. */
  received(account: string, pos: number): void {
    const newest = new Map<string, number>()
    for (const frame of this.log(account).slice(0, pos))
      if (frame.type === 'message' && frame.from_user !== account) newest.set(frame.conversation!, frame.seq!)
    for (const [conversation, seq] of newest) this.receipt(account, conversation, undefined, seq)
  }

  snapshot(account: string): Frame {
    const mine = [...this.#conversations.values()].filter(({ people, messages }) => people.includes(account) && messages.length)
    const conversations = mine.map((conversation) => this.describe(conversation, account))
    return { type: 'snapshot', pos: this.log(account).length, conversations }
  }

  /** A conversation as `account` sees it. */
  describe(conversation: Room, account: string): WireConversation {
    const peer = (conversation.people[0] === account ? conversation.people[1] : conversation.people[0])!
    const { messages, read, delivered } = conversation
    const readSeq = read.get(account) ?? 0
    return {
      conversation: conversation.id,
      ...(conversation.name === undefined
        ? { kind: 'direct', user: { id: peer, name: peer.toUpperCase(), username: peer, avatar: null, account_type: 'user' } }
        : {
            kind: 'group',
            name: conversation.name,
            avatar: conversation.avatar ?? null,
            members: conversation.people.length,
            role: conversation.people[0] === account ? 'owner' : 'member',
            announcements: conversation.announcements ?? false,
          }),
      activity: messages.length,
      head_seq: messages.length,
      unread: messages.filter((message) => message.seq > readSeq && message.from_user !== account).length,
      last: messages.at(-1) ?? null,
      read_seq: readSeq,
      delivered_seq: delivered.get(account) ?? 0,
      peer_read_seq: read.get(peer) ?? 0,
      peer_delivered_seq: delivered.get(peer) ?? 0,
      muted: this.personal.muted(account, conversation.id) !== null,
      muted_until: this.personal.muted(account, conversation.id),
      blocked: false,
      draft: this.personal.draft(account, conversation.id),
      disappear_s: conversation.disappearS ?? 0,
      ...(!conversation.people.includes(account) && { left: true }),
    }
  }

  /** Everything after a cursor, or a snapshot where that is impossible. */
  since(account: string, cursor: string | null | undefined): { resumed: boolean; frames: Frame[] } {
    const log = this.log(account)
    const [epoch, pos] = (cursor ?? '').split('.')
    const at = Number(pos)
    const resumed = epoch === this.epoch && at <= log.length && log.length - at <= this.retention
    return { resumed, frames: resumed ? log.slice(at) : [this.snapshot(account)] }
  }

  page(conversationId: string, before: number | undefined, limit = 50): Frame {
    const conversation = [...this.#conversations.values()].find(({ id }) => id === conversationId)
    const all = (conversation?.messages ?? []).filter(({ seq }) => !before || seq < before)
    return { type: 'page', conversation: conversationId, messages: all.slice(-limit), more: all.length > limit }
  }

  hello(account: string, resumed: boolean): Frame {
    return {
      type: 'hello',
      v: 2,
      epoch: this.epoch,
      pos: this.log(account).length,
      resumed,
      session: 's',
      user: account,
      ping_s: this.pingSeconds,
      server_time: new Date(this.now()).toISOString(),
      limits: { bytes: this.maxBytes, per_s: 100, burst: 1000 },
      features: this.features,
    }
  }

  /** Another database: a restored backup. What was stored stays. */
  restore(epoch: string): void {
    this.epoch = epoch
    this.#logs.clear()
  }

  #between(a: string, b: string) {
    const people = [a, b].sort() as [string, string]
    const key = people.join(' ')
    let conversation = this.#conversations.get(key)
    if (!conversation) {
      conversation = { id: `c_${people.join('_')}`, people, messages: [], read: new Map(), delivered: new Map() }
      this.#conversations.set(key, conversation)
    }
    return conversation
  }
}

/** One open line of an account: what the server does with its frames. */
export class BackendLine {
  readonly account: string
  #backend: Backend
  #out: (frame: Frame) => void
  #refused: string | undefined

  constructor(backend: Backend, account: string, out: (frame: Frame) => void) {
    this.#backend = backend
    this.account = account
    this.#out = out
  }

  open(since: string | null | undefined): void {
    const { resumed, frames } = this.#backend.since(this.account, since)
    this.say(this.#backend.hello(this.account, resumed))
    for (const frame of frames) this.say(frame)
    this.say({ type: 'synced', pos: this.#backend.log(this.account).length, more: false })
    this.#backend.lines.add(this)
  }

  close(): void {
    this.#backend.lines.delete(this)
  }

  live(frame: Frame): void {
    this.say(frame)
  }

  say(frame: Frame): void {
    if (this.#backend.deliver(frame, this.account)) this.#out(frame)
  }

  ping(): void {
    this.say({ type: 'ping', pos: this.#backend.log(this.account).length })
  }

  receive(frame: Frame): void {
    const backend = this.#backend
    switch (frame.type) {
      case 'send': {
        if (this.#refused && this.#refused !== frame.client_id) {
          this.say({ type: 'error', client_id: frame.client_id!, code: 'held', message: 'One before it was refused.', retryable: true })
          return
        }
        const answer = backend.send(this.account, frame)
        this.#refused = answer.type === 'error' && answer.retryable ? frame.client_id : undefined
        this.say(answer)
        return
      }
      case 'ping':
        this.say({ type: 'pong', pos: backend.log(this.account).length })
        return
      case 'sync': {
        const { frames } = backend.since(this.account, frame.since as string)
        for (const event of frames) this.say(event)
        this.say({ type: 'synced', pos: backend.log(this.account).length, more: false })
        return
      }
      case 'history':
        this.say(backend.page(frame.conversation!, frame.before_seq as number | undefined, frame.limit as number | undefined))
        return
      case 'read':
        backend.receipt(this.account, frame.conversation!, frame.seq, undefined)
        return
      case 'recv':
        backend.received(this.account, frame.pos!)
        return
      case 'watch':
        if (!backend.features.includes('presence')) return
        for (const user of frame.users as string[])
          this.say({ type: 'presence', user, online: [...backend.lines].some((line) => line.account === user) })
        return
      case 'pong':
      case 'auth':
      case 'clear':
        return
      default: {
        const answer = backend.command(this.account, frame)
        if (answer) this.say(answer)
      }
    }
  }
}
