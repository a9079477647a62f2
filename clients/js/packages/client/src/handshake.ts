import type { Channel } from './channel.js'
import { sinceIn } from './http.js'
import type { LineClient } from './lineparts.js'

/**
 * How the token gets into the WebSocket's request. The first way needs no further request but a subprotocol, which some
 * proxies strip; the second is a ticket bought over HTTP. Each failure tries the other, until the first has once worked.
 */
export function createHandshake({ _http: http, _tokens: tokens }: Pick<LineClient, '_http' | '_tokens'>) {
  let ticket = false
  let protocolWorks = false
  return {
    /** Where to connect and with which subprotocols. @throws when no ticket or token was to be had. */
    async _prepare({ opened, attempt }: Channel): Promise<[url: string, protocols: string[]]> {
      const url = `${http.base.replace(/^http/, 'ws')}/ws/me?v=2&attempt=${attempt}${sinceIn(opened)}`
      if (!ticket) return [url, ['tieline.v2', `bearer.${base64url(await tokens.get())}`]]
      // A socket may pass where requests do not: without a ticket next time, should this throw.
      ticket = false
      const bought = await http._need('POST', '/ticket', 'ticket')
      ticket = true
      return [`${url}&ticket=${encodeURIComponent(bought.ticket as string)}`, []]
    },
    _worked(): void {
      protocolWorks ||= !ticket
    },
    /** True when the next try takes the other way, so that this failure says nothing about the token. */
    _failed: () => !ticket && !protocolWorks && (ticket = true),
  }
}

function base64url(text: string): string {
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')
}
