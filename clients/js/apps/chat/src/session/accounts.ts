import { serverUrl } from './server'

export interface Account {
  id: string
  name: string
  username: string | null
  email: string | null
  avatar: string | null
}

/** Why somebody could not be signed in: the server's words, or one of ours. */
export class SignInError extends Error {
  readonly kind: 'refused' | 'external' | 'unreachable'
  constructor(kind: SignInError['kind'], message = '') {
    super(message)
    this.kind = kind
  }
}

async function call(path: string, init: RequestInit): Promise<Record<string, unknown>> {
  let answer: Response
  try {
    answer = await fetch(serverUrl + path, init)
  } catch {
    throw new SignInError('unreachable')
  }
  const body = (await answer.json().catch(() => ({}))) as Record<string, unknown>
  if (answer.ok) return body
  if (answer.status === 404 && path !== '/api/auth/me') throw new SignInError('external')
  if (answer.status >= 502) throw new SignInError('unreachable')
  throw new SignInError('refused', typeof body.detail === 'string' ? body.detail : String(answer.status))
}

const post = (path: string, body: object) =>
  call(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }).then(({ access_token }) =>
    String(access_token),
  )

export const signUp = (fields: { full_name: string; username: string; email: string; password: string }) => post('/api/auth/signup', fields)

export const signIn = (email: string, password: string) => post('/api/auth/login', { username: email, password })

/** Whose token it is. */
export async function whoIs(token: string): Promise<Account> {
  const me = await call('/api/auth/me', { headers: { Authorization: `Bearer ${token}` } })
  const text = (value: unknown) => (typeof value === 'string' && value ? value : null)
  const username = text(me.username)
  const email = text(me.email)
  return { id: String(me.id), name: text(me.full_name) ?? username ?? email ?? String(me.id), username, email, avatar: text(me.profile_picture) }
}
