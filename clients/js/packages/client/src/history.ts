import { type Clock, within } from './clock.js'
import type { Conversation } from './conversation.js'
import type { Frame, WireMessage } from './frames.js'
import type { Http } from './http.js'

const PAGE_MS = 5_000
const LIMIT = 50

export interface Page {
  messages?: WireMessage[]
  more?: boolean
}

/** Pages of older messages: over the socket where there is one, else by GET. */
export class History {
  #waiting = new Map<string, (frame: Frame) => void>()
  #clock: Clock
  #http: Http
  #send: (frame: object) => boolean

  constructor(clock: Clock, http: Http, send: (frame: object) => boolean) {
    this.#clock = clock
    this.#http = http
    this.#send = send
  }

  /** A `page` frame. A conversation asks for one page at a time, so its id tells whose it is. */
  arrived(frame: Frame): void {
    this.#waiting.get(frame.conversation ?? '')?.(frame)
  }

  /** @throws when no page is to be had now */
  async page({ conversation }: Conversation, before: number | undefined): Promise<Page> {
    const id = conversation!
    const fields = { conversation: id, limit: LIMIT, ...(before && { before_seq: before }) }
    let page: Frame | undefined
    if (this.#send({ type: 'history', ...fields })) {
      const arrives = new Promise<Frame>((resolve) => this.#waiting.set(id, resolve))
      page = await within(this.#clock, PAGE_MS, arrives, undefined)
      this.#waiting.delete(id)
    }
    return page?.messages ? page : pageOf(this.#http, id, before)
  }
}

/** By GET. @throws when no page is to be had now */
export function pageOf(http: Http, conversation: string, before: number | undefined): Promise<Page> {
  const where = encodeURIComponent(conversation)
  return http._need('GET', `/history?conversation=${where}&limit=${LIMIT}${before ? `&before_seq=${before}` : ''}`, 'messages')
}
