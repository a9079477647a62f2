import type { Frame, WireMessage } from '../../packages/client/src/frames.js'
import type { Backend } from './backend.js'

/** A conversation: of two, or with a name a group whose first member owns it. */
export interface Room {
  id: string
  name?: string
  people: string[]
  messages: WireMessage[]
  read: Map<string, number>
  delivered: Map<string, number>
  disappearS?: number
  announcements?: boolean
  avatar?: string | null
}

export interface Upload {
  size: number
  bytes: string
}

/** What one account keeps for itself about a conversation. */
export class Personal {
  #drafts = new Map<string, { message: string; reply_to?: string }>()
  #mutes = new Map<string, string>()
  /** By account, the newest star last. */
  readonly starred = new Map<string, string[]>()

  star(account: string, id: string, on: boolean): void {
    const others = (this.starred.get(account) ?? []).filter((one) => one !== id)
    this.starred.set(account, on ? [...others, id] : others)
  }

  draft(account: string, room: string) {
    return this.#drafts.get(`${account} ${room}`) ?? null
  }

  setDraft(account: string, room: string, draft: { message: string; reply_to?: string } | null): void {
    if (draft) this.#drafts.set(`${account} ${room}`, draft)
    else this.#drafts.delete(`${account} ${room}`)
  }

  muted(account: string, room: string): string | null {
    return this.#mutes.get(`${account} ${room}`) ?? null
  }

  mute(account: string, room: string, until: string | null): void {
    if (until) this.#mutes.set(`${account} ${room}`, until === 'always' ? '9999-12-31T23:59:59.999999Z' : until)
    else this.#mutes.delete(`${account} ${room}`)
  }
}

const refused = (code: string): Frame => ({ type: 'error', code, message: `Refused: ${code}.`, retryable: false })
const done = (changed: boolean): Frame => ({ type: 'done', changed: changed ? 1 : 0 })

/** One command of an account: its effect, and the answer. */
export function command(backend: Backend, account: string, frame: Frame): Frame | undefined {
  const { type, to } = frame as Frame & { to?: string }
  const now = () => new Date(backend.now()).toISOString().replace('Z', '000Z')
  const message = frame.id ? backend.find(frame.id) : undefined
  const room = message ? backend.room(message.conversation) : to ? backend.direct(account, to) : backend.room(frame.conversation ?? '')
  const update = (change: Partial<WireMessage>): Frame => {
    const before = JSON.stringify(message)
    Object.assign(message!, change)
    if (JSON.stringify(message) === before) return done(false)
    for (const person of room!.people) backend.append(person, { type: 'update', ...message! })
    return done(true)
  }
  const toldAll = (people: string[]) => {
    for (const person of people) backend.append(person, { type: 'conversation', conversation: backend.describe(room!, person) as never })
  }
  const notice = (system: Record<string, unknown>) => backend.store(room!, account, { ...frame, type: 'send', system }, '')
  if (frame.id && (!message || !room?.people.includes(account))) return refused('not_found')
  switch (type) {
    case 'edit':
      return message!.from_user === account ? update({ message: frame.message!, edited_at: now() }) : refused('forbidden')
    case 'delete':
      if (frame.for === 'all') return update({ message: '', deleted: true, card: null, reactions: [] })
      backend.append(account, { type: 'hidden', conversation: room!.id, seq: message!.seq })
      return done(true)
    case 'react': {
      const others = (message!.reactions ?? [])
        .map(({ emoji, users }) => ({ emoji, users: users.filter((user) => user !== account) }))
        .filter(({ users }) => users.length)
      const same = others.find(({ emoji }) => emoji === frame.emoji)
      if (same) same.users.push(account)
      else if (frame.emoji) others.push({ emoji: String(frame.emoji), users: [account] })
      return update({ reactions: others.map(({ emoji, users }) => ({ emoji, users, count: users.length })) })
    }
    case 'pin':
      return update({ pinned_at: frame.on ? now() : null })
    case 'star':
      backend.personal.star(account, message!.id, frame.on === true)
      backend.append(account, { type: 'starred', conversation: room!.id, seq: message!.seq, starred: frame.on === true })
      return done(true)
    case 'draft': {
      const draft = frame.message ? { message: frame.message, ...(frame.reply_to && { reply_to: frame.reply_to }) } : null
      backend.personal.setDraft(account, room!.id, draft)
      backend.append(account, { type: 'draft', conversation: room!.id, message: null as never, ...draft })
      return done(true)
    }
    case 'mute':
      backend.personal.mute(account, room!.id, frame.until as string | null)
      toldAll([account])
      return done(true)
    case 'privacy': {
      const { client_id, ...fields } = frame
      backend.append(account, { receipts: true, online: true, last_seen: true, typing: true, ...fields })
      return done(true)
    }
    case 'typing':
      for (const line of backend.lines)
        if (line.account !== account && room?.people.includes(line.account)) line.say({ type: 'typing', conversation: room.id, user: account })
      return undefined
    case 'group_create': {
      const made = backend.group(`g_${frame.client_id}`, String(frame.name), [account, ...(frame.members as string[])])
      made.announcements = frame.announcements === true
      for (const person of made.people) backend.append(person, { type: 'conversation', conversation: backend.describe(made, person) as never })
      return backend.store(made, account, { ...frame, type: 'send', system: { kind: 'created', name: frame.name } }, '')
    }
    case 'group_update':
      if (frame.name) room!.name = String(frame.name)
      if (typeof frame.avatar === 'string') room!.avatar = frame.avatar.replace(/^upload:(.+)$/, '/api/chat/files/$1/picture') || null
      toldAll(room!.people)
      notice(frame.name ? { kind: 'named', name: frame.name } : { kind: 'avatar', avatar: room!.avatar })
      return done(true)
    case 'group_leave': {
      const before = room!.people
      room!.people = before.filter((person) => person !== account)
      toldAll(before)
      return done(true)
    }
    case 'group_link':
      return { type: 'link', conversation: room!.id, code: `code-${room!.id}`, expires_at: now() }
    case 'group_join': {
      const joined = backend.room(String(frame.code).replace('code-', ''))
      if (!joined) return refused('not_found')
      joined.people.push(account)
      backend.append(account, { type: 'conversation', conversation: backend.describe(joined, account) as never })
      return backend.store(joined, account, { ...frame, type: 'send', system: { kind: 'joined', user: account } }, '')
    }
    case 'disappear':
      if (room!.disappearS === frame.seconds) return done(false)
      room!.disappearS = frame.seconds as number
      toldAll(room!.people)
      notice({ kind: 'disappear', seconds: frame.seconds })
      return done(true)
    case 'flag':
      return done(true)
    default:
      return refused('unknown_type')
  }
}

/** The server's side of tus 1.0, as far as the client speaks it. */
export function tus(backend: Backend, method: string, path: string, headers: Record<string, string>, body: string) {
  const id = path.split('/')[2]
  const answer = (status: number, more: Record<string, string> = {}) => ({ status, text: '', headers: { 'Tus-Resumable': '1.0.0', ...more } })
  if (!id) {
    const made = `u${backend.uploads.size + 1}`
    backend.uploads.set(made, { size: Number(headers['Upload-Length']), bytes: '' })
    return answer(201, { Location: `http://inside:8000/api/chat/uploads/${made}` })
  }
  const upload = backend.uploads.get(id)
  if (!upload) return answer(404)
  if (method === 'PATCH') {
    if (Number(headers['Upload-Offset']) !== upload.bytes.length) return answer(409)
    upload.bytes += body
  }
  return answer(method === 'HEAD' ? 200 : 204, { 'Upload-Offset': String(upload.bytes.length) })
}
