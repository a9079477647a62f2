import type { Failure } from './channel.js'
import type { Clock } from './clock.js'
import { type Diagnosis, diagnose, type Evidence } from './diagnosis.js'
import { type Answer, answerOf, type Fetch, type Http } from './http.js'

const STEP_MS = 5_000
/** Messages and the new line go first: browsers open six connections to a host. */
const YIELD_MS = 150
/** By then there is a first answer, with what is known: 2 s after the failure with the wait before. */
const FIRST_MS = 1_750
const AGAIN_MS = 600_000

export interface ProbeParts {
  clock: Clock
  http: Http
  fetch: Fetch
  /** Is another tab of this browser in the middle of a handshake? */
  otherTab(): Promise<boolean>
  /** Did the page's policy forbid the socket? */
  blocked(): boolean
  found(diagnosis: Diagnosis): void
  /** `GET /test` was answered; without `X-Tieline` by an old server. */
  tested(answer: Answer): void
  report: boolean
}

/**
 * Asks over plain HTTP what a browser hides about a failed WebSocket. All steps run at once; each answer may refine the
 * finding. The same failure is looked into once in 10 minutes.
 */
export class Probe {
  evidence: Evidence | undefined
  #parts: ProbeParts
  #looked = new Map<string, number>()

  constructor(parts: ProbeParts) {
    this.#parts = parts
  }

  /** @param failure how the WebSocket failed; undefined while it only hangs */
  async look(failure: Failure | undefined, attempt: string): Promise<void> {
    const { clock, http, otherTab, blocked } = this.#parts
    const hung = !failure || failure.how === 'timeout' || failure.how === 'silent'
    const key = hung ? 'hung' : `${failure.how} ${failure.code} ${failure.reason?.startsWith('lived')}`
    const last = this.#looked.get(key)
    if (last !== undefined && clock.now() - last < AGAIN_MS) return
    this.#looked.set(key, clock.now())

    const evidence: Evidence = { attempt, url: http.base, failure: hung ? undefined : failure }
    this.evidence = evidence
    await new Promise<void>((resolve) => clock.setTimeout(resolve, YIELD_MS))
    const answer = (method: string, path: string) => http._timed(path, { method }, answerOf, STEP_MS).catch(() => null)
    const step = async (fill: () => Promise<unknown>) => {
      await fill()
      this.#conclude(evidence)
    }
    const first = clock.setTimeout(() => {
      // Nothing answered at all so far: as good as offline, until somebody does.
      if (evidence.test === undefined) this.#conclude({ ...evidence, test: null, opaque: false })
    }, FIRST_MS)
    evidence.blocked = blocked()
    this.#conclude(evidence)
    await Promise.all([
      step(async () => {
        const test = await answer('GET', '/test')
        if (test) this.#parts.tested(test)
        else evidence.opaque = await this.#reachable()
        evidence.test = test
      }),
      step(async () => {
        const seen = await answer('GET', `/attempt/${attempt}`)
        if (seen?.status === 404) evidence.seen = null
        else if (seen?.status === 200) evidence.seen = seen.body ?? null
      }),
      step(async () => {
        evidence.plain = await answer('GET', '/ws/me?v=2')
      }),
      step(async () => {
        evidence.probe = await http.call('POST', '/probe', {}, STEP_MS).catch(() => null)
      }),
      step(async () => {
        evidence.otherTab = await otherTab().catch(() => false)
      }),
    ])
    clock.clearTimeout(first)
    const diagnosis = diagnose(evidence)
    if (this.#parts.report && diagnosis && evidence.test?.tieline) {
      const { user: _, ...finding } = diagnosis
      void http.call('POST', '/report', { ...finding, attempt, how: failure?.how ?? 'hung', close: failure?.code }).catch(() => {})
    }
  }

  /** The network is another one: what was found out may no longer hold. */
  forget(): void {
    this.#looked.clear()
    this.evidence = undefined
  }

  #conclude(evidence: Evidence): void {
    if (this.evidence?.attempt !== evidence.attempt) return
    const diagnosis = diagnose(evidence)
    if (diagnosis) this.#parts.found(diagnosis)
  }

  /** A request whose answer nobody may read still tells whether there was one. */
  async #reachable(): Promise<boolean> {
    const { fetch, http, clock } = this.#parts
    const abort = new AbortController()
    const handle = clock.setTimeout(() => abort.abort(), STEP_MS)
    try {
      const response = await fetch(`${http.base}/test`, { mode: 'no-cors', cache: 'no-store', signal: abort.signal })
      return response.type === 'opaque'
    } catch {
      return false
    } finally {
      clock.clearTimeout(handle)
    }
  }
}
