import type { Failure } from './channel.js'
import type { Clock } from './clock.js'

const LINES = 60

/** The last things that happened, for `explain()`. Nothing that opens a door gets in. */
export class Journal {
  #lines: string[] = []
  #clock: Clock
  #log: ((line: string) => void) | undefined

  constructor(clock: Clock, log: ((line: string) => void) | undefined) {
    this.#clock = clock
    this.#log = log
  }

  note = (what: unknown): void => {
    const { how, transport, code = '', reason = '' } = what as Partial<Failure>
    const safe = masked(how ? `${transport} ${how} ${code} ${reason}` : String(what)).trim()
    this.#lines.push(`${new Date(this.#clock.now()).toISOString()} ${safe}`)
    if (this.#lines.length > LINES) this.#lines.shift()
    this.#log?.(safe)
  }

  toString(): string {
    return this.#lines.join('\n')
  }
}

/** The text without what opens a door: an error may quote an address with its ticket. */
export function masked(text: string): string {
  return text.replace(/((?:ticket|token)=|bearer[. ])[^&\s'",]+/gi, '$1***')
}
