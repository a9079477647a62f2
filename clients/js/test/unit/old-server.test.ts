import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { accountOf, type Reply } from '../backend/routes.js'
import { after, connect, type FakeSocket, Net, texts } from './net.js'

/** A server that speaks v1 only, as the ones in use do. */
class OldNet extends Net {
  stored: { id: number; from_user: string; to_user: string; message: string; created_at: string }[] = []
  sockets1 = new Set<{ me: string; peer: string; socket: FakeSocket }>()
  echo = true

  constructor() {
    super()
    this.tieline = false
    this.streamMode = { status: 404, body: { detail: 'Not Found' } }
    this.request = (_, path): Reply | undefined => {
      if (path === '/test') return undefined
      if (path === '/list') {
        const last = this.stored.at(-1)
        const row = last && {
          other_user_id: 'bob',
          other_user_name: 'Bob',
          other_user_profile_picture: null,
          account_type: 'user',
          last_message: last.message,
          last_from_me: last.from_user === 'ada',
          created_at: last.created_at,
        }
        return { status: 200, body: row ? [row] : [] }
      }
      if (path === '/unread-per-user') return { status: 200, body: { bob: 1 } }
      if (path.startsWith('/conversation/')) return { status: 200, body: this.stored }
      if (path.startsWith('/mark-read/')) return { status: 200, body: { marked_count: 1 } }
      return { status: 404, body: { detail: 'Not Found' } }
    }
    this.socketMode = (socket) => {
      if (!socket.handshake()) return
      const url = new URL(socket.url)
      const peer = url.pathname.split('/').at(-1)!
      const token = url.searchParams.get('token')
      if (!token) return socket.fail(1008, 'Missing token')
      const me = accountOf(token)
      if (!me) return socket.fail(1008, 'Invalid token: expired')
      if (peer === 'nobody') return socket.fail(1008, 'User not found')
      const pair = { me, peer, socket }
      this.sockets1.add(pair)
      socket.say({ type: 'history', messages: this.stored.slice(-50) as never })
      socket.send = (data) => {
        setTimeout(() => {
          if (socket.mute || socket.readyState !== 1) return
          const { message } = JSON.parse(data) as { message: string }
          if (message === 'forbidden') return socket.fail(1008, 'Not sent: blocked')
          this.write(me, peer, message)
        }, 5)
      }
    }
  }

  write(from: string, to: string, message: string): void {
    const row = { id: this.stored.length + 1, from_user: from, to_user: to, message, created_at: new Date().toISOString() }
    this.stored.push(row)
    for (const { me, peer, socket } of this.sockets1) {
      const ours = (me === from && peer === to) || (me === to && peer === from)
      if (ours && this.echo) socket.say({ type: 'message', ...row } as never)
    }
  }
}

let net: OldNet
beforeEach(() => {
  vi.useFakeTimers()
  net = new OldNet()
})
afterEach(() => vi.useRealTimers())

const shown = (chat: ReturnType<typeof connect>['chat']) => chat.with('bob').messages.map(({ text, state }) => `${text} ${state}`)

describe('an old server', () => {
  test('is recognised by the missing header and spoken to in v1', async () => {
    net.write('bob', 'ada', 'hi')
    const { chat } = connect(net)
    chat.with('bob').open()
    const sent = chat.with('bob').send('hello')
    await after(1_000)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    expect((await sent.stored).state).toBe('sent')
    expect(shown(chat)).toEqual(['hi sent', 'hello sent'])
    expect(net.stored.map(({ message }) => message)).toEqual(['hi', 'hello'])
    expect(chat.conversations[0]?.user?.name).toBe('Bob')
    expect(await chat.explain()).toContain('server old')
    chat.close()
  })

  test('a Tieline server whose header is hidden is not taken for an old one', async () => {
    const hidden = new Net()
    hidden.tieline = false
    hidden.socketMode = 'refuse'
    hidden.streamMode = 'hang'
    const { chat } = connect(hidden)
    await after(10_000)
    expect(await chat.explain()).toContain('server tieline')
    expect(chat.state.state).toBe('online')
    chat.close()
  })

  test('a message that was written and not echoed is not confirmed, and never sent again by itself', async () => {
    net.echo = false
    const { chat } = connect(net)
    const sent = chat.with('bob').send('hello')
    await after(20_000)
    await expect(sent.stored).rejects.toMatchObject({ code: 'not_confirmed' })
    expect(shown(chat)).toEqual(['hello failed'])
    await after(120_000)
    expect(net.stored.length).toBe(1)
    net.echo = true
    chat.with('bob').retry(sent.clientId)
    await after(1_000)
    expect(net.stored.length).toBe(2)
    expect(chat.with('bob').messages.at(-1)?.state).toBe('sent')
    chat.close()
  })

  test('a message written before the socket died is not confirmed; one that was not written goes on the next socket', async () => {
    const { chat } = connect(net)
    const bob = chat.with('bob')
    bob.open()
    await after(1_000)
    const socket = net.open[0]!
    bob.send('written')
    await after(1)
    socket.fail(1006)
    bob.send('waiting')
    await after(5_000)
    expect(shown(chat)).toEqual(['waiting sent', 'written failed'])
    chat.close()
  })

  test('what was missed while away comes with the next history, each once', async () => {
    const { chat } = connect(net)
    chat.with('bob').open()
    net.write('bob', 'ada', '1')
    await after(1_000)
    net.open[0]!.fail(1006)
    net.sockets1.clear()
    net.write('bob', 'ada', '2')
    await after(5_000)
    expect(texts(chat.with('bob').messages)).toEqual(['1', '2'])
    chat.close()
  })

  test('older messages than the last fifty are loaded before them', async () => {
    for (let i = 1; i <= 60; i++) net.write('bob', 'ada', `${i}`)
    const { chat } = connect(net)
    const bob = chat.with('bob')
    bob.open()
    await after(1_000)
    expect(bob.messages.length).toBe(50)
    expect(bob.hasMore).toBe(true)
    void bob.loadOlder()
    await after(100)
    expect(texts(bob.messages)).toEqual(Array.from({ length: 60 }, (_, i) => `${i + 1}`))
    expect(bob.hasMore).toBe(false)
    chat.close()
  })

  test('a refusal says why and fails that message', async () => {
    const { chat } = connect(net)
    const refused = chat.with('bob').send('forbidden')
    await after(2_000)
    await expect(refused.stored).rejects.toMatchObject({ code: 'refused', message: 'blocked' })
    const nobody = chat.with('nobody').send('hello')
    await after(2_000)
    await expect(nobody.stored).rejects.toMatchObject({ code: 'not_found' })
    chat.close()
  })

  test('an expired token is renewed, and two refusals sign out', async () => {
    let asked = 0
    const { chat } = connect(net, 'ada', { token: () => (asked++ ? 'ada' : 'bad') })
    chat.with('bob').open()
    await after(5_000)
    expect(chat.state.state).toBe('online')
    chat.close()
    const refused = connect(new OldNet(), 'ada', { token: 'bad' })
    refused.chat.with('bob').open()
    await after(10_000)
    expect(refused.chat.state.state).toBe('signedOut')
    refused.chat.close()
  })
})
