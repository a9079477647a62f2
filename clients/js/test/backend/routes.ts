import type { Frame } from '../../packages/client/src/frames.js'
import type { Backend } from './backend.js'

export interface Reply {
  status: number
  body?: unknown
  /** Any text instead of JSON. */
  text?: string
  headers?: Record<string, string>
}

/** The REST side, without streams and waiting polls: shared by the in-memory net and the server on a real port. */
export function route(backend: Backend, method: string, url: URL, token: string | undefined, body: Frame | undefined): Reply {
  const path = url.pathname.replace(/^.*\/api\/chat/, '')
  const account = token ? accountOf(token) : undefined
  if (path === '/test') return { status: 200, body: { message: 'Chat router is working', status: 'ok' } }
  if (path.startsWith('/ws/')) return { status: 426, body: { code: 'upgrade_required', message: 'No Upgrade header arrived.' } }
  if (path.startsWith('/attempt/')) return { status: 404, body: { code: 'not_found' } }
  if (!account) return error(401, 'unauthorized', false, 'The token is not valid.')
  if (path === '/probe') return { status: 200, body: { ok: true } }
  if (path === '/report') return { status: 204 }
  if (path === '/ticket') return { status: 200, body: { ticket: token, expires_in_s: 30 } }
  if (path === '/messages' && method === 'POST') {
    const answer = backend.send(account, { ...body!, type: 'send' })
    if (answer.type !== 'error') return { status: 200, body: answer }
    const status = { storage_full: 507, blocked: 403, too_large: 413, rate_limited: 429, not_found: 404, conflict: 409 }[String(answer.code)] ?? 503
    return { status, body: { ...answer, detail: answer.message } }
  }
  if (path === '/sync') {
    const { resumed, frames } = backend.since(account, url.searchParams.get('since'))
    const limit = Number(url.searchParams.get('limit') ?? 200)
    const part = frames.slice(0, limit)
    const pos = part.at(-1)?.pos ?? backend.log(account).length
    const hello = url.searchParams.get('hello') === '1' ? [{ ...backend.hello(account, resumed), pos }] : []
    return { status: 200, body: { epoch: backend.epoch, pos, more: frames.length > limit, frames: [...hello, ...part] } }
  }
  if (path === '/history') {
    const before = url.searchParams.get('before_seq')
    return { status: 200, body: backend.page(url.searchParams.get('conversation')!, before ? Number(before) : undefined) }
  }
  if (path === '/conversations') return { status: 200, body: { conversations: backend.snapshot(account).conversations, next: null } }
  if (path.startsWith('/people/')) return { status: 200, body: { id: path.slice(8), name: path.slice(8).toUpperCase() } }
  if (path === '/v2/recv') backend.received(account, body!.pos!)
  if (path === '/v2/read') backend.receipt(account, body!.conversation!, body!.seq, undefined)
  const command = /^\/v2\/(?!recv|read|clear)(\w+)$/.exec(path)?.[1]
  if (command) {
    const answer = backend.command(account, { ...body!, type: command })
    if (answer?.type === 'error') return { status: answer.retryable ? 503 : 403, body: { ...answer, detail: answer.message } }
    return answer ? { status: 200, body: answer } : { status: 204 }
  }
  if (path === '/search') {
    const words = url.searchParams.get('q')!
    return { status: 200, body: { messages: backend.all(account).filter(({ message }) => message.includes(words)), next: null } }
  }
  if (path === '/privacy') return { status: 200, body: { receipts: true, online: true, last_seen: true, typing: true } }
  if (path.startsWith('/attachments/'))
    return { status: 200, body: { id: path.slice(13), url: `/api/chat/files/${path.slice(13)}?s=2`, expires_in_s: 3600 } }
  if (path === '/pins')
    return { status: 200, body: { messages: backend.room(url.searchParams.get('conversation')!)!.messages.filter((one) => one.pinned_at) } }
  if (path === '/starred') {
    const ids = [...(backend.personal.starred.get(account) ?? [])].reverse()
    const from = ids.indexOf(url.searchParams.get('before') ?? '') + 1
    const part = ids.slice(from, from + Number(url.searchParams.get('limit') ?? 50))
    const next = from + part.length < ids.length ? part.at(-1) : null
    return { status: 200, body: { messages: part.map((id) => ({ ...backend.find(id)!, starred: true })), next } }
  }
  if (path === '/members') {
    const people = backend.room(url.searchParams.get('conversation')!)!.people
    const joined_at = '2026-01-01T00:00:00.000000Z'
    const members = people.map((id, at) => ({ user: { id }, role: at ? 'member' : 'owner', joined_at, delivered_seq: 0, read_seq: 0 }))
    return { status: 200, body: { members, next: null } }
  }
  return path.startsWith('/v2/') ? { status: 204 } : error(404, 'not_found', false, 'No such route.')
}

/** Tokens of the tests name the account: `<account>` or `<account>!<anything>`; `bad...` is refused. */
export function accountOf(token: string): string | undefined {
  return token.startsWith('bad') ? undefined : token.split('!')[0]
}

export function tokenIn(authorization: string | null | undefined): string | undefined {
  return authorization?.replace(/^Bearer /, '')
}

function error(status: number, code: string, retryable: boolean, message: string): Reply {
  return { status, body: { code, message, detail: message, retryable } }
}
