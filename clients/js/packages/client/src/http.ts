import type { Clock } from './clock.js'
import { type Frame, parse } from './frames.js'
import type { Tokens } from './tokens.js'

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/** What came back over HTTP, whatever the status. */
export interface Answer {
  status: number
  /** The same, as a channel's failure has it. */
  code: number
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
  /** A request with the account's token; after a 401 once more with a new one. @throws when no answer came in time. */
  call(method: string, path: string, body?: object, timeoutMs?: number, signal?: AbortSignal): Promise<Answer>
  /** What is answered with. @throws when it lacks `field` */
  _need(method: string, path: string, field: string): Promise<Frame>
  /** Asks with the token; once more with a new one where a 401 says something about it. */
  _authorized<A extends Pick<Answer, 'status' | 'headers'>>(ask: (headers: Record<string, string>) => Promise<A>, again?: boolean): Promise<A>
  /** Not every fetch obeys its signal while it hangs (React Native), so the time limit is raced as well. @throws */
  _timed<A>(path: string, init: RequestInit, timeoutMs: number, signal: AbortSignal | undefined, read: (response: Response) => Promise<A>): Promise<A>
  /** An answer whose body is read as it comes. */
  stream(path: string, signal: AbortSignal): Promise<Response>
}

export function createHttp(base: string, fetch: Fetch, tokens: Tokens, clock: Clock): Http {
  const http: Http = {
    base,
    async call(method, path, body, timeoutMs = 10_000, signal) {
      const answer = await http._authorized((token) => {
        const headers = { ...token, ...(body && { 'Content-Type': 'application/json' }) }
        return http._timed(path, { method, headers, cache: 'no-store', ...(body && { body: JSON.stringify(body) }) }, timeoutMs, signal, answerOf)
      })
      if (answer.status < 400) tokens._accepted()
      return answer
    },

    async _need(method, path, field) {
      const { body } = await http.call(method, path)
      if (!body?.[field]) throw new Error(`No ${field}.`)
      return body
    },

    async _authorized(ask, again) {
      const token = await tokens.get()
      const answer = await ask({ Authorization: `Bearer ${token}` })
      const { status, headers } = answer
      // Neither ours nor JSON: somebody else's, such as a captive portal's. It says nothing about the token.
      if (status !== 401 || !(headers.has('X-Tieline') || headers.get('Content-Type')?.includes('json'))) return answer
      tokens._refused(token)
      return again ? answer : http._authorized(ask, true)
    },

    _timed(path, init, timeoutMs, signal, read) {
      const abort = new AbortController()
      return new Promise((resolve, reject) => {
        const stop = () => {
          abort.abort()
          reject(new Error('No answer in time.'))
        }
        const timer = clock.setTimeout(stop, timeoutMs)
        // One request at a time has a signal, so there is nothing to take off it again.
        if (signal) signal.onabort = stop
        if (signal?.aborted) stop()
        fetch(base + path, { ...init, signal: abort.signal })
          .then(read)
          .then(resolve, reject)
          .finally(() => clock.clearTimeout(timer))
      })
    },

    stream: (path, signal) => http._authorized((headers) => fetch(base + path, { headers, signal, cache: 'no-store' })),
  }
  return http
}

export function describe({ status, headers }: Response): Omit<Answer, 'body'> {
  return { status, code: status, tieline: headers.has('X-Tieline'), headers, retryAfterMs: Number(headers.get('Retry-After')) * 1000 || undefined }
}

export async function answerOf(response: Response): Promise<Answer> {
  return { ...describe(response), body: parse(await response.text()) }
}

/** Where to continue, as part of a query. */
export function sinceIn(cursor: string | undefined): string {
  return cursor ? `&since=${encodeURIComponent(cursor)}` : ''
}
