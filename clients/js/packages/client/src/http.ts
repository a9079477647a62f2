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
  /** As `call`, with whatever it takes, and `read` as it is wanted. */
  _ask<A extends Told>(path: string, init: RequestInit, read: Reading<A>, timeoutMs?: number, signal?: AbortSignal, again?: boolean): Promise<A>
  /** Without the token. Not every fetch obeys its signal while it hangs (React Native), so the time limit is raced as well. @throws */
  _timed<A>(path: string, init: RequestInit, read: Reading<A>, timeoutMs: number, signal?: AbortSignal): Promise<A>
}

/** What an answer says of the token. */
type Told = Pick<Answer, 'status' | 'headers'>
type Reading<A> = (response: Response) => A | Promise<A>

export function createHttp(base: string, fetch: Fetch, tokens: Tokens, clock: Clock): Http {
  const http: Http = {
    base,
    call(method, path, body, timeoutMs, signal) {
      const sent = body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
      return http._ask(path, { method, ...sent }, answerOf, timeoutMs, signal)
    },

    async _need(method, path, field) {
      const { body } = await http.call(method, path)
      if (!body?.[field]) throw new Error(`No ${field}.`)
      return body
    },

    async _ask(path, init, read, timeoutMs = 10_000, signal, again) {
      const token = await tokens.get()
      const asked = { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }
      const answer = await http._timed(path, asked, read, timeoutMs, signal)
      const { status, headers } = answer
      if (status < 400) tokens._accepted()
      // Neither ours nor JSON: somebody else's, such as a captive portal's. It says nothing about the token.
      if (status !== 401 || !(headers.has('X-Tieline') || headers.get('Content-Type')?.includes('json'))) return answer
      tokens._refused(token)
      return again ? answer : http._ask(path, init, read, timeoutMs, signal, true)
    },

    _timed(path, init, read, timeoutMs, signal) {
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
        fetch(base + path, { cache: 'no-store', ...init, signal: abort.signal })
          .then(read)
          .then(resolve, reject)
          .finally(() => clock.clearTimeout(timer))
      })
    },
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
