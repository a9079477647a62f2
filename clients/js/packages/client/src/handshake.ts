import type { Http } from './http.js'
import type { Tokens } from './tokens.js'

/**
 * How the token gets into the WebSocket's request. The first way needs no further request but a subprotocol, which some
 * proxies strip; the second is a ticket bought over HTTP. Each failure tries the other, until the first has once worked.
 */
export class Handshake {
  #http: Http
  #tokens: Tokens
  #ticket = false
  #protocolWorks = false

  constructor(http: Http, tokens: Tokens) {
    this.#http = http
    this.#tokens = tokens
  }

  /** Where to connect and with which subprotocols. @throws when no ticket or token was to be had. */
  async prepare(since: string | undefined, attempt: string): Promise<[url: string, protocols: string[]]> {
    const url = `${this.#http.base.replace(/^http/, 'ws')}/ws/me?v=2&attempt=${attempt}${since ? `&since=${encodeURIComponent(since)}` : ''}`
    if (!this.#ticket) return [url, ['tieline.v2', `bearer.${base64url(await this.#tokens.get())}`]]
    // A socket may pass where requests do not: without a ticket next time, should this throw.
    this.#ticket = false
    const { body } = await this.#http.call('POST', '/ticket')
    if (typeof body?.ticket !== 'string') throw new Error('The server gave no ticket.')
    this.#ticket = true
    return [`${url}&ticket=${encodeURIComponent(body.ticket)}`, []]
  }

  worked(): void {
    if (!this.#ticket) this.#protocolWorks = true
  }

  /** True when the next try takes the other way, so that this failure says nothing about the token. */
  failed(): boolean {
    if (this.#ticket || this.#protocolWorks) return false
    return (this.#ticket = true)
  }
}

function base64url(text: string): string {
  const bytes = new TextEncoder().encode(text)
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')
}
