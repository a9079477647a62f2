import { type Channel, type ChannelEvents, createChannel, type Transport } from './channel.js'
import type { Handshake } from './handshake.js'
import type { LineClient, LineHooks } from './lineparts.js'
import type { Basics } from './options.js'
import { openPoll } from './poll.js'
import { openSocket } from './socket.js'
import { openStream } from './stream.js'

/** The ways to the server that are being tried: at most one WebSocket, and beside it one stream or poll. */
export function createCandidates(client: LineClient, { clock, WebSocket }: Basics, hooks: LineHooks, { prepare }: Handshake, events: ChannelEvents) {
  const { shaking, rests } = hooks
  let fetching: Channel | undefined
  const candidates = {
    socket: undefined as Channel | undefined,
    none: () => !candidates.socket && !fetching,

    async trySocket(limitMs: number): Promise<void> {
      if (!WebSocket || candidates.socket) return
      const channel = (candidates.socket = open('ws'))
      channel.limit(limitMs)
      shaking?.(true)
      try {
        const address = await prepare(channel)
        if (!channel.over()) openSocket(WebSocket, clock, channel, ...address)
      } catch (error) {
        channel.down('refused', { reason: String(error) })
      }
    },

    async tryFetch(transport: 'stream' | 'poll'): Promise<void> {
      if (fetching) return
      const channel = (fetching = open(transport))
      try {
        // A hidden tab, or one too many on HTTP/1.1, leaves the connections to those that need them.
        if (await rests?.()) channel.transport = 'poll'
        if (!channel.over()) await (channel.transport === 'poll' ? openPoll(client, clock, hooks, channel) : openStream(client.http, channel))
      } catch (error) {
        channel.down('closed', { reason: String(error) })
      }
    },

    /** No candidate any more: it is the line now, or over. It stays as it is. */
    remove(channel: Channel): void {
      channel.timer.clear()
      if (fetching === channel) fetching = undefined
      if (candidates.socket !== channel) return
      candidates.socket = undefined
      shaking?.(false)
    },

    drop(): void {
      for (const channel of [candidates.socket, fetching])
        if (channel) {
          channel.close()
          candidates.remove(channel)
        }
    },
  }
  return candidates

  function open(transport: Transport): Channel {
    return createChannel(transport, clock, events, client.inbox.since(), client.uuid())
  }
}
