import { type Channel, type ChannelEvents, createChannel, type Transport } from './channel.js'
import { createHandshake } from './handshake.js'
import type { LineClient, LineHooks } from './lineparts.js'
import type { Basics } from './options.js'
import { openPoll } from './poll.js'
import { openSocket } from './socket.js'
import { openStream } from './stream.js'

/** The ways to the server that are being tried: at most one WebSocket, and beside it one stream or poll. */
export function createCandidates(client: LineClient, { clock, WebSocket }: Basics, hooks: LineHooks, events: ChannelEvents) {
  const { _shaking: shaking, _rests: rests } = hooks
  const handshake = createHandshake(client)
  const tried = new Set<Channel>()
  const candidates = {
    _socket: () => find(true),
    _none: () => !tried.size,
    _worked: handshake._worked,
    _failed: handshake._failed,

    /** @param limitMs how long a WebSocket may take; the others know it themselves */
    async _try(transport: Transport, limitMs = 0): Promise<void> {
      const ws = transport === 'ws'
      if (find(ws) || (ws && !WebSocket)) return
      const channel = createChannel(transport, clock, events, client._inbox._since(), client._uuid())
      tried.add(channel)
      try {
        if (ws) {
          channel.limit(limitMs)
          shaking?.(true)
          const address = await handshake._prepare(channel)
          if (!channel.over()) openSocket(WebSocket!, clock, channel, ...address)
          return
        }
        // A hidden tab, or one too many on HTTP/1.1, leaves the connections to those that need them.
        if (await rests?.()) channel.transport = 'poll'
        if (!channel.over()) await (channel.transport === 'poll' ? openPoll(client, clock, hooks, channel) : openStream(client._http, channel))
      } catch (error) {
        channel._down(ws ? 'refused' : 'closed', { reason: String(error) })
      }
    },

    /** No candidate any more: it is the line now, or over. It stays as it is. */
    _remove(channel: Channel): void {
      channel.timer.clear()
      if (tried.delete(channel) && channel.transport === 'ws') shaking?.(false)
    },

    _drop(): void {
      for (const channel of tried) {
        channel.close()
        candidates._remove(channel)
      }
    },
  }
  return candidates

  function find(ws: boolean): Channel | undefined {
    return [...tried].find(({ transport }) => (transport === 'ws') === ws)
  }
}
