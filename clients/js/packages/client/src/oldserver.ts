import { type Backoff, createBackoff } from './backoff.js'
import type { Transport } from './channel.js'
import { Timer } from './clock.js'
import { refusesToken } from './closecodes.js'
import type { Conversation } from './conversation.js'
import type { Directory } from './directory.js'
import type { Frame, WireConversation, WireMessage } from './frames.js'
import type { Page } from './history.js'
import { CLOSED, LIVE, type Phase, RACING, SIGNED_OUT, WAITING } from './lineparts.js'
import { ChatError } from './message.js'
import { OldSocket, type OldSocketParts } from './oldsocket.js'
import type { Outbox, Pending } from './outbox.js'

const LIST_MS = 60_000
/** An echo that has not come by now may never come. */
const ECHO_MS = 8_000

export interface OldServerParts extends OldSocketParts {
  random: () => number
  directory: Directory
  outbox: Outbox
  changed(): void
  note(what: string): void
}

/** A chat's socket, and what was written on it without an echo so far. */
interface Open {
  socket: OldSocket
  awaiting: { pending: Pending; echo: Timer }[]
  backoff: Backoff
  retry: Timer
}

/**
 * v1, for a server that is not Tieline: one socket for each open chat. It knows no client_id, so what was once written is
 * never sent again by itself: without an echo it becomes `not_confirmed`, and the person decides.
 */
export class OldServer {
  _phase: Phase = RACING
  transport: Transport | undefined
  retryAt: number | undefined
  _failedRaces = 0
  readonly number = 0
  #parts: OldServerParts
  #open = new Map<string, Open>()
  #list: Timer

  constructor(parts: OldServerParts) {
    this.#parts = parts
    this.#list = new Timer(parts.clock)
  }

  wake(): void {
    if (this._phase === CLOSED || this._phase === SIGNED_OUT) return
    void this.#refreshList()
    for (const [id, open] of this.#open) if (open.retry._armed) this.#connect(id, open)
    for (const conversation of this.#parts.directory.all()) conversation._refresh()
    this.#parts.outbox._pump()
  }

  /** After a new sign-in. */
  revive(): void {
    if (this._phase !== SIGNED_OUT) return
    this._phase = RACING
    for (const [id, open] of this.#open) this.#connect(id, open)
    this.wake()
  }

  close(phase: typeof CLOSED | typeof SIGNED_OUT = CLOSED): void {
    this._phase = phase
    this.#list.clear()
    for (const open of this.#open.values()) {
      open.retry.clear()
      open.socket.close()
      for (const { echo } of open.awaiting) echo.clear()
    }
  }

  /** v1 has no POST that is told again unharmed. */
  _mayPost(): boolean {
    return false
  }

  /** Writes a message if its chat's socket is up. From then on it is out of the outbox: it must not go twice. */
  send(_frame: object, pending: Pending): boolean {
    const { draft } = pending
    const id = draft.to
    if (!id) return false
    const open = this.#of(id)
    if (!open.socket.send({ message: draft.message, client_id: draft.client_id, ...draft.card })) return false
    this.#parts.outbox.discard(draft.client_id)
    const echo = new Timer(this.#parts.clock)
    const entry = { pending, echo }
    open.awaiting.push(entry)
    echo.set(ECHO_MS, () => this.#unconfirmed(id, entry))
    return true
  }

  async say(type: string, fields: object): Promise<boolean> {
    const conversation = this.#parts.directory.in((fields as { conversation: string }).conversation)
    const call =
      type === 'read'
        ? this.#parts.http.call('POST', `/mark-read/${encodeURIComponent(conversation.id)}`)
        : type === 'clear' && this.#parts.http.call('DELETE', `/clear/${encodeURIComponent(conversation.id)}`)
    return !call || (await call).status < 500
  }

  /** The last 50 come with the socket, everything before them by GET. */
  async page(conversation: Conversation, before: number | undefined): Promise<Page> {
    const open = this.#of(conversation.id)
    if (before === undefined) {
      const messages = await open.socket.history
      return { messages, more: messages.length >= 50 }
    }
    const { body } = await this.#parts.http.call('GET', `/conversation/${encodeURIComponent(conversation.id)}`, undefined, 30_000)
    return { messages: open.socket.older(body as unknown as Frame[]), more: false }
  }

  #of(id: string): Open {
    let open = this.#open.get(id)
    if (!open) {
      const { clock, random } = this.#parts
      const socket = new OldSocket(id, this.#parts, {
        live: () => this.#live(id),
        message: (wire) => this.#message(id, wire),
        down: (code, reason) => this.#down(id, code, reason),
      })
      open = { socket, awaiting: [], backoff: createBackoff(random), retry: new Timer(clock) }
      this.#open.set(id, open)
      this.#connect(id, open)
    }
    return open
  }

  #connect(id: string, { socket, retry, backoff }: Open): void {
    retry.clear()
    socket.connect().catch(() => {
      if (this._phase !== CLOSED && this._phase !== SIGNED_OUT) retry.set(backoff.next(), () => this.#connect(id, this.#of(id)))
    })
  }

  #live(id: string): void {
    this.#of(id).backoff.reset()
    this.#parts.tokens._accepted()
    this.#enter(LIVE, 'ws')
    this.#parts.outbox._pump()
  }

  #message(id: string, wire: WireMessage): void {
    const conversation = this.#parts.directory.with(id)
    const { awaiting } = this.#of(id)
    const mine = wire.from_user !== id
    const at = mine ? awaiting.findIndex(({ pending: { draft } }) => draft.client_id === wire.client_id || draft.message === wire.message) : -1
    if (at < 0) return conversation._receive(wire, this.#parts.clock.now())
    const [{ pending, echo }] = awaiting.splice(at, 1) as [Open['awaiting'][number]]
    echo.clear()
    conversation._settle(pending, { ...wire, type: 'message', client_id: pending.draft.client_id })
    conversation._receive({ ...wire, client_id: pending.draft.client_id }, this.#parts.clock.now())
  }

  #down(id: string, code = 0, reason = ''): void {
    const open = this.#of(id)
    const { tokens, directory, outbox, note } = this.#parts
    note(`v1 ${code} ${reason}`)
    const why = /^Not sent: (.*)/.exec(reason)?.[1]
    const refused = why ?? (/^(User not found|Cannot chat)/.test(reason) ? reason : undefined)
    if (refusesToken(code) && refused === undefined) tokens._refused()
    const first = open.awaiting[0]
    if (why !== undefined && first) {
      open.awaiting.shift()
      first.echo.clear()
      directory.with(id)._fail(first.pending, new ChatError('refused', why))
    }
    // Whether the rest was stored, nobody knows.
    for (const entry of [...open.awaiting]) this.#unconfirmed(id, entry)
    if (refused !== undefined && why === undefined) {
      for (const pending of outbox._entries.filter(({ draft }) => draft.to === id)) {
        outbox.discard(pending.draft.client_id)
        directory.with(id)._fail(pending, new ChatError('not_found', refused))
      }
      return
    }
    const wait = open.backoff.next()
    if (!open.retry._armed) open.retry.set(wait, () => this.#connect(id, open))
    this._failedRaces++
    this.retryAt = this.#parts.clock.now() + wait
    this.#enter(WAITING, undefined)
  }

  #unconfirmed(id: string, entry: Open['awaiting'][number]): void {
    const { awaiting } = this.#of(id)
    if (!awaiting.includes(entry)) return
    awaiting.splice(awaiting.indexOf(entry), 1)
    entry.echo.clear()
    const error = new ChatError('not_confirmed', 'It is not known whether this message arrived. Sending it again may show it twice.')
    this.#parts.directory.with(id)._fail(entry.pending, error)
  }

  async #refreshList(): Promise<void> {
    const { http, directory } = this.#parts
    this.#list.set(LIST_MS, () => void this.#refreshList())
    try {
      const [list, unread] = await Promise.all([http.call('GET', '/list'), http.call('GET', '/unread-per-user')])
      if (list.status !== 200) throw new Error(`The list was answered ${list.status}.`)
      directory.next = null
      directory._describe((list.body as unknown as OldConversation[]).map((old, at, all) => described(old, all.length - at, unread.body as never)))
      if (this._phase !== LIVE) this.#enter(LIVE, 'poll')
    } catch {
      if (this._phase === LIVE && this.transport !== 'poll') return
      this._failedRaces++
      this.#enter(WAITING, undefined)
    }
  }

  #enter(phase: Phase, transport: Transport | undefined): void {
    if (this._phase === CLOSED || this._phase === SIGNED_OUT) return
    this._phase = phase
    this.transport = transport
    if (phase === LIVE) this._failedRaces = 0
    this.#parts.changed()
    if (phase === LIVE) for (const conversation of this.#parts.directory.all()) conversation._refresh()
  }
}

interface OldConversation {
  other_user_id: string
  other_user_name: string | null
  other_user_profile_picture: string | null
  account_type: string | null
  last_message: string
  last_from_me: boolean
  created_at: string
}

function described(old: OldConversation, activity: number, unread: Record<string, number> = {}): WireConversation {
  const id = String(old.other_user_id)
  const last: WireMessage = {
    conversation: `v1:${id}`,
    seq: 0,
    id: `v1:${id}`,
    client_id: `v1:${id}`,
    from_user: old.last_from_me ? '' : id,
    to_user: old.last_from_me ? id : '',
    message: old.last_message,
    created_at: old.created_at,
  }
  return {
    conversation: `v1:${id}`,
    kind: 'direct',
    user: { id, name: old.other_user_name, avatar: old.other_user_profile_picture, account_type: old.account_type },
    activity,
    head_seq: 1,
    unread: unread[id] ?? 0,
    last,
    read_seq: 0,
    peer_read_seq: 0,
    peer_delivered_seq: 0,
    muted: false,
    blocked: false,
  }
}
