import type { Failure } from './channel.js'
import { FINDINGS } from './findings.js'
import type { Answer } from './http.js'

/** Stable names for why the chat is not, or not fully, connected. `refused_404` and the like name a status that somebody saw. */
export type DiagnosisCode =
  | 'offline'
  | 'cors'
  | 'wrong_backend'
  | 'upgrade_stripped'
  | `refused_${number}`
  | 'refused_before_server'
  | 'held_before_server'
  | 'upgraded_but_silent'
  | 'flapping'
  | 'auth'
  | 'busy'
  | 'blocked_by_page'

export interface Diagnosis {
  readonly code: DiagnosisCode
  /** A sentence for the person, empty where nothing is lost but speed. */
  readonly user: string
  /** What was seen and the line to change, for who runs the server. */
  readonly operator: string
}

/** What has been found out so far. A step that is still running is undefined, one that failed null. */
export interface Evidence {
  attempt: string
  url: string
  /** undefined: the WebSocket hangs. */
  failure: Failure | undefined
  test?: Answer | null
  /** When `test` failed: did a request without CORS get through? */
  opaque?: boolean
  /** What the server remembers of the handshake; null where it never saw it. */
  seen?: Record<string, unknown> | null
  /** A plain GET of the socket's path. */
  plain?: Answer | null
  probe?: Answer | null
  /** Another tab of this browser is in the middle of a handshake. */
  otherTab?: boolean
  /** The page's own policy forbade the socket. */
  blocked?: boolean
}

const UNAVAILABLE = 'Chat is not available right now.'

/** The first finding that explains everything; undefined while there is nothing to say yet. */
export function diagnose(evidence: Evidence): Diagnosis | undefined {
  const { failure, test, opaque, seen, plain, url, otherTab } = evidence
  const origin = (globalThis as { location?: Location }).location?.origin ?? 'this app'
  // What was seen is said here; what is wrong and the remedy are the doctor's words.
  const of = (code: DiagnosisCode, user: string, seen: string): Diagnosis => ({ code, user, operator: `${seen} ${FINDINGS[code] ?? ''}`.trim() })
  if (evidence.blocked || failure?.how === 'threw') {
    return of('blocked_by_page', UNAVAILABLE, `The page may not open ${url}. ${failure?.reason ?? ''}`)
  }
  // An old server refuses a v2 socket in the same way: first its test must say that it is ours.
  if (test?.tieline && [401, 4401, 1008].includes(failure?.code ?? 0)) {
    return of('auth', 'Please sign in again.', `The server refused the token: ${failure?.reason || failure?.code}.`)
  }
  if (failure && ([1013, 4429].includes(failure.code ?? 0) || [429, 503].includes(test?.status ?? 0))) {
    return of('busy', 'Busy, trying again soon.', `The server asked to come back later (${failure.code ?? test?.status}).`)
  }
  if (test === null && opaque !== undefined) {
    return opaque
      ? of('cors', UNAVAILABLE, `The server at ${url} is up, but its answers are hidden from ${origin}.`)
      : of('offline', 'No connection. Your message will be sent when you are back.', `GET ${url}/test failed: offline, DNS, TLS, or nobody listens.`)
  }
  if (test && (test.status !== 200 || test.body?.status !== 'ok')) {
    return of('wrong_backend', UNAVAILABLE, `GET ${url}/test was answered ${test.status} ${kindOf(test)} and not by the chat.`)
  }
  if (failure?.reason?.startsWith('lived ')) {
    return of('flapping', '', `WebSockets to ${url} open and die again (${failure.reason}).`)
  }
  const status = statusIn(failure) ?? (typeof seen?.status === 'number' && seen.status !== 101 ? seen.status : undefined)
  const saw = seen?.saw as { upgradeEvent?: boolean; http?: string } | undefined
  if (saw?.upgradeEvent === false) {
    return of(
      'upgrade_stripped',
      '',
      `The handshake reached the server without its Upgrade header (HTTP ${saw.http ?? '?'}): in location /api/chat/ws/ set proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; reload nginx.`,
    )
  }
  if (status) return of(`refused_${status}`, '', `The WebSocket handshake was answered ${status}.`)
  if (seen && (failure?.how !== 'refused' || seen.status === 101)) {
    return of('upgraded_but_silent', '', 'The handshake reached the server, but no frame came back.')
  }
  if (test && seen === null) {
    if (failure?.how === 'refused') {
      const routed = plain ? ` A plain GET was answered ${plain.status}${plain.tieline ? ' by the chat' : ''}.` : ''
      return of(
        'refused_before_server',
        '',
        `Something before the server refused the handshake (a browser hides the status): try tieline doctor, or curl.${routed}`,
      )
    }
    const tab = otherTab ? ' Another tab waits for the same address: browsers shake hands one at a time.' : ''
    return of('held_before_server', '', `Something before the server holds the handshake.${tab}`)
  }
  return undefined
}

function kindOf({ headers }: Answer): string {
  return [headers.get('Content-Type'), headers.get('Server')].filter(Boolean).join(' by ')
}

/** React Native tells the status in the close reason, Android and iOS each in their own words. */
function statusIn(failure: Failure | undefined): number | undefined {
  const match = /was '(\d{3})|server: (\d{3})|response: (\d{3})/.exec(failure?.reason ?? '')
  const status = Number(match?.slice(1).find(Boolean))
  return status >= 200 ? status : undefined
}
