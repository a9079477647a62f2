import type { Clock } from './clock.js'
import { type Frame, parse } from './frames.js'
import { SignedOut, type Tokens } from './tokens.js'

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/** What came back over HTTP, whatever the status. */
export interface Answer {
  status: number
  /** True when the answer carries `X-Tieline`: it is from the server and not from something in between. */
  tieline: boolean
  headers: Headers
  retryAfterMs: number | undefined
  /** The JSON body, or undefined where the body was no JSON. */
  body: Frame | undefined
}

/** Requests with the account's token. */
export interface Http {
  readonly base: string
  /** Told when the token was refused and no other can be had. */
  onSignedOut?(): void
  /** A request with the account's token; after a 401 once more with a new one. @throws when no answer came in time. */
  call(method: string, path: string, body?: unknown, timeoutMs?: number, signal?: AbortSignal): Promise<Answer>
  /** Asks with the token; once more with a new one where a 401 says something about it. */
  authorized<A extends { status: number }>(ask: (headers: Record<string, string>) => Promise<A>, says: (answer: A) => unknown): Promise<A>
  /** A request without a token. @throws when no answer came in time. */
  plain(method: string, path: string, body?: unknown, timeoutMs?: number, headers?: Record<string, string>, signal?: AbortSignal): Promise<Answer>
  /** Not every fetch obeys its signal while it hangs (React Native), so the time limit is raced as well. @throws */
  timed<A>(path: string, init: RequestInit, timeoutMs: number, signal: AbortSignal | undefined, read: (response: Response) => Promise<A>): Promise<A>
  /** An answer whose body is read as it comes. */
  stream(path: string, signal: AbortSignal): Promise<Response>
}

export function createHttp(base: string, fetch: Fetch, tokens: Tokens, clock: Clock): Http {
  const http: Http = {
    base,
    async call(method, path, body, timeoutMs = 10_000, signal) {
      // A 401 that is no JSON is somebody else's, such as a captive portal's: it says nothing about the token.
      const answer = await http.authorized(
        (headers) => http.plain(method, path, body, timeoutMs, headers, signal),
        (answer) => answer.body,
      )
      if (answer.status < 400) tokens.accepted()
      return answer
    },

    async authorized(ask, says) {
      for (let again = false; ; again = true) {
        const token = await tokens.get().catch((error) => {
          if (error instanceof SignedOut) http.onSignedOut?.()
          throw error
        })
        const answer = await ask({ Authorization: `Bearer ${token}` })
        if (answer.status !== 401 || !says(answer)) return answer
        tokens.refused(token)
        if (again) return answer
      }
    },

    plain(method, path, body, timeoutMs = 5_000, headers = {}, signal) {
      const init: RequestInit = { method, headers, cache: 'no-store' }
      if (body) {
        init.body = JSON.stringify(body)
        headers['Content-Type'] = 'application/json'
      }
      return http.timed(path, init, timeoutMs, signal, async (response) => ({ ...describe(response), body: parse(await response.text()) }))
    },

    async timed(path, init, timeoutMs, signal, read) {
      const abort = new AbortController()
      const stop = () => abort.abort()
      const timer = clock.setTimeout(stop, timeoutMs)
      signal?.addEventListener('abort', stop)
      try {
        const late = new Promise<never>((_, reject) => abort.signal.addEventListener('abort', () => reject(new Error('No answer in time.'))))
        if (signal?.aborted) stop()
        return await Promise.race([fetch(base + path, { ...init, signal: abort.signal }).then(read), late])
      } finally {
        clock.clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
      }
    },

    stream: (path, signal) =>
      http.authorized(
        (headers) => fetch(base + path, { headers, signal, cache: 'no-store' }),
        ({ headers }) => headers.has('X-Tieline'),
      ),
  }
  return http
}

export function describe({ status, headers }: Response): Omit<Answer, 'body'> & { code: number } {
  const wait = Number(headers.get('Retry-After') || Number.NaN)
  return { status, code: status, tieline: headers.has('X-Tieline'), headers, retryAfterMs: wait >= 0 ? wait * 1000 : undefined }
}

/** Where to continue, as part of a query. */
export function sinceIn(cursor: string | undefined): string {
  return cursor ? `&since=${encodeURIComponent(cursor)}` : ''
}
