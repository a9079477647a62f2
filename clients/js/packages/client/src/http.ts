import type { Clock } from './clock.js'
import type { Frame } from './frames.js'
import { SignedOut, type Tokens } from './tokens.js'

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/** What came back over HTTP, whatever the status. */
export interface Answer {
  status: number
  /** True when the answer carries `X-Tieline`: it is from the server and not from something in between. */
  tieline: boolean
  /** The JSON body, or undefined where the body was no JSON. */
  body: Frame | undefined
  /** Content type and server, for the diagnosis. */
  kind: string
  retryAfterMs: number | undefined
}

/** Who last refused or accepted matters to the line: it is told of every 401. */
export class Http {
  readonly base: string
  #fetch: Fetch
  #tokens: Tokens
  #clock: Clock
  /** Told when the token was refused and no other can be had. */
  onSignedOut: () => void = () => {}

  constructor(base: string, fetch: Fetch, tokens: Tokens, clock: Clock) {
    this.base = base
    this.#fetch = fetch
    this.#tokens = tokens
    this.#clock = clock
  }

  /** A request with the account's token; after a 401 once more with a new one. @throws when no answer came in time. */
  async call(method: string, path: string, body?: unknown, timeoutMs = 10_000, signal?: AbortSignal): Promise<Answer> {
    // A 401 that is no JSON is somebody else's, such as a captive portal's: it says nothing about the token.
    const answer = await this.authorized(
      (headers) => this.plain(method, path, body, timeoutMs, headers, signal),
      (answer) => answer.body,
    )
    if (answer.status < 400) this.#tokens.accepted()
    return answer
  }

  /** Asks with the token; once more with a new one where a 401 says something about it. */
  async authorized<A extends { status: number }>(ask: (headers: Record<string, string>) => Promise<A>, says: (answer: A) => unknown): Promise<A> {
    for (let tries = 0; ; tries++) {
      const token = await this.#token()
      const answer = await ask({ Authorization: `Bearer ${token}` })
      if (answer.status !== 401 || !says(answer)) return answer
      this.#tokens.refused(token)
      if (tries) return answer
    }
  }

  /** A request without a token. @throws when no answer came in time. */
  plain(
    method: string,
    path: string,
    body?: unknown,
    timeoutMs = 5_000,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Answer> {
    const init: RequestInit = { method, headers, cache: 'no-store' }
    if (body !== undefined) {
      init.body = JSON.stringify(body)
      headers['Content-Type'] = 'application/json'
    }
    return this.timed(path, init, timeoutMs, signal, async (response) => ({ ...describe(response), body: parse(await response.text()) }))
  }

  /** Not every fetch obeys its signal while it hangs (React Native), so the time limit is raced as well. @throws */
  async timed<A>(
    path: string,
    init: RequestInit,
    timeoutMs: number,
    signal: AbortSignal | undefined,
    read: (response: Response) => Promise<A>,
  ): Promise<A> {
    const abort = new AbortController()
    const stop = () => abort.abort()
    const handle = this.#clock.setTimeout(stop, timeoutMs)
    signal?.addEventListener('abort', stop)
    try {
      const late = new Promise<never>((_, reject) => abort.signal.addEventListener('abort', () => reject(new Error('No answer in time.'))))
      if (signal?.aborted) stop()
      return await Promise.race([this.#fetch(this.base + path, { ...init, signal: abort.signal }).then(read), late])
    } finally {
      this.#clock.clearTimeout(handle)
      signal?.removeEventListener('abort', stop)
    }
  }

  /** An answer whose body is read as it comes. */
  async stream(path: string, signal: AbortSignal): Promise<Response> {
    const token = await this.#token()
    const init = { headers: { Authorization: `Bearer ${token}` }, signal, cache: 'no-store' as const }
    const response = await this.#fetch(this.base + path, init)
    if (response.status === 401 && response.headers.has('X-Tieline')) this.#tokens.refused(token)
    return response
  }

  async #token(): Promise<string> {
    try {
      return await this.#tokens.get()
    } catch (error) {
      if (error instanceof SignedOut) this.onSignedOut()
      throw error
    }
  }
}

export function describe(response: Response): Omit<Answer, 'body'> {
  const { headers } = response
  const wait = Number(headers.get('Retry-After') || Number.NaN)
  return {
    status: response.status,
    tieline: headers.has('X-Tieline'),
    kind: [headers.get('Content-Type'), headers.get('Server')].filter(Boolean).join(' by '),
    retryAfterMs: wait >= 0 ? wait * 1000 : undefined,
  }
}

function parse(text: string): Frame | undefined {
  try {
    return JSON.parse(text) as Frame
  } catch {
    return undefined
  }
}
