import type { Failure } from './channel.js'
import type { Diagnosis, Evidence } from './diagnosis.js'
import type { Http } from './http.js'
import { PagePolicy } from './policy.js'
import type { Probe, ProbeParts } from './probe.js'

export interface InquiryParts extends Omit<ProbeParts, 'found' | 'tested' | 'blocked'> {
  url: string
  http: Http
  note(what: string): void
  /** There is a diagnosis, or another one. */
  changed(): void
  /** The server has no v2. */
  old(): void
}

/** What kind of server it is, and why there is no WebSocket to it. Who finds out is loaded when it is first asked. */
export class Inquiry {
  diagnosis: Diagnosis | undefined
  server: 'unknown' | 'tieline' | 'old' = 'unknown'
  #parts: InquiryParts
  #probe: Probe | undefined
  #policy: PagePolicy

  constructor(parts: InquiryParts) {
    this.#parts = parts
    this.#policy = new PagePolicy(parts.url)
  }

  get evidence(): Evidence | undefined {
    return this.#probe?.evidence
  }

  /** Any line proves what the server is. */
  proven(): void {
    if (this.server === 'unknown') this.server = 'tieline'
  }

  /** The WebSocket works: the next trouble is another one. */
  settled(): void {
    this.server = 'tieline'
    this.diagnosis = undefined
    this.forget()
  }

  forget(): void {
    this.#probe?.forget()
  }

  stop(): void {
    this.#policy.stop()
  }

  async look(failure: Failure | undefined, attempt: string): Promise<void> {
    const { note } = this.#parts
    // What a page may not do it may never do; later tries may fail before they come to the socket.
    if (failure?.how === 'threw') this.#policy.blocked = true
    try {
      const { Probe } = await import('./probe.js')
      this.#probe ??= new Probe({
        ...this.#parts,
        blocked: () => this.#policy.blocked,
        tested: ({ tieline, status, body }) => {
          if (tieline) this.proven()
          else if (status === 200 && body?.status === 'ok') void this.#verify()
        },
        found: (diagnosis) => {
          if (this.server === 'old' || this.diagnosis?.operator === diagnosis.operator) return
          this.diagnosis = diagnosis
          note(`diagnosis ${diagnosis.code}`)
          this.#parts.changed()
        },
      })
      await this.#probe.look(failure, attempt)
    } catch (error) {
      // The app's files are out of reach: without the reason, then.
      note(String(error))
    }
  }

  /** The header may only be hidden from this origin: an old server has no /sync. */
  async #verify(): Promise<void> {
    const { http, old, note } = this.#parts
    try {
      if (this.server !== 'unknown') return
      const { body } = await http.call('GET', '/sync?limit=1&wait=0')
      if (body?.epoch) this.proven()
      if (this.server !== 'unknown') return
      this.server = 'old'
      this.diagnosis = undefined
      old()
    } catch (error) {
      note(String(error))
    }
  }
}
