import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { TokenReason } from '../../packages/client/src/index.js'
import { after, connect, Net } from './net.js'

let net: Net
beforeEach(() => {
  vi.useFakeTimers()
  net = new Net()
})
afterEach(() => vi.useRealTimers())

/** Tokens `ada!1`, `ada!2`, ... and why each was asked for. */
function numbered(delay = 0) {
  const reasons: TokenReason[] = []
  return {
    reasons,
    token: async (reason: TokenReason) => {
      reasons.push(reason)
      const mine = reasons.length
      if (delay) await new Promise((resolve) => setTimeout(resolve, delay))
      return `ada!${mine}`
    },
  }
}

describe('tokens', () => {
  test('F29: a token that runs out while live is renewed on the same socket', async () => {
    const { token, reasons } = numbered()
    const { chat } = connect(net, 'ada', { token })
    await after(6_000)
    const socket = net.open[0]!
    const said: string[] = []
    const receive = socket.line!.receive.bind(socket.line)
    socket.line!.receive = (frame) => {
      if (frame.type === 'auth') said.push(String(frame.token))
      receive(frame)
    }
    socket.say({ type: 'token_expiring', in_s: 60 })
    await after(100)
    expect(said).toEqual(['ada!2'])
    expect(reasons).toEqual(['connect', 'expiring'])
    expect(net.sockets.length).toBe(1)
    chat.close()
  })

  test('F29: a token refused after a sleep is renewed once, and the line is back at once', async () => {
    const { token, reasons } = numbered()
    const { chat } = connect(net, 'ada', { token })
    await after(6_000)
    net.open[0]!.fail(4401, 'The token ran out.')
    await after(1_500)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    expect(reasons).toEqual(['connect', 'refused'])
    chat.close()
  })

  test('F29: a token refused twice means signed out, and nothing is asked any more', async () => {
    let asked = 0
    const { chat } = connect(net, 'ada', { token: () => `bad${asked++}` })
    const bob = chat.with('bob')
    bob.send('waits')
    await after(30_000)
    expect(chat.state).toMatchObject({ state: 'signedOut' })
    const { length } = net.requests
    expect(asked).toBe(2)
    await after(120_000)
    expect(net.requests.length).toBe(length)
    expect(asked).toBe(2)
    chat.setToken('ada')
    await after(1_000)
    expect(chat.state.state).toBe('online')
    expect(net.backend.messages('ada', 'bob').length).toBe(1)
    chat.close()
  })

  test('F29: a callback that fails three times is asked again with back-off', async () => {
    let failures = 3
    const { chat } = connect(net, 'ada', {
      token: () => {
        if (failures-- > 0) throw new Error('no network')
        return 'ada'
      },
    })
    await after(500)
    expect(chat.state.state).toBe('offline')
    await after(10_000)
    expect(chat.state.state).toBe('online')
    chat.close()
  })

  test('F29: a slow refresh is one refresh, however many wait for it', async () => {
    const { token, reasons } = numbered(10_000)
    net.socketMode = 'hang'
    const { chat } = connect(net, 'ada', { token })
    for (let i = 0; i < 5; i++) chat.with('bob').send(`${i}`)
    void chat.people('x').catch(() => {})
    await after(15_000)
    expect(reasons).toEqual(['connect'])
    expect(net.backend.messages('ada', 'bob').length).toBe(5)
    chat.close()
  })

  test('F29: no token twice in a row is a sign-out of the app', async () => {
    const { chat } = connect(net, 'ada', { token: () => null })
    await after(30_000)
    expect(chat.state.state).toBe('signedOut')
    chat.close()
  })

  test('F29: a socket that refuses a good token does not sign anybody out', async () => {
    net.socketMode = (socket) => (socket.protocols.length ? (socket.handshake(), socket.fail(4401, 'Missing token')) : socket.accept())
    const { token, reasons } = numbered()
    const { chat } = connect(net, 'ada', { token })
    await after(1_000)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    expect(reasons).toEqual(['connect'])
    chat.close()
  })

  test("F29: a captive portal's 401 signs nobody out", async () => {
    net.socketMode = 'refuse'
    net.streamMode = { status: 401, text: '<html>pay first', headers: {} }
    net.tieline = false
    net.request = () => ({ status: 401, text: '<html>pay first' })
    const { chat } = connect(net)
    await after(30_000)
    expect(chat.state.state).toBe('offline')
    net = Object.assign(net, { socketMode: 'ok', streamMode: 'ok', tieline: true, request: () => undefined })
    await after(30_000)
    expect(chat.state.state).toBe('online')
    chat.close()
  })

  test('no secret gets into the report, the log or a kept message', async () => {
    const lines: string[] = []
    net.socketMode = (socket) => socket.fail(1006, `refused ${socket.url}`)
    const { chat } = connect(net, 'ada', { token: 'ada!very-secret', log: (line) => lines.push(line) })
    await after(40_000)
    const report = await chat.explain()
    expect(report).toContain('diagnosis')
    expect(report).toContain('ticket=***')
    expect(`${report}${lines}`).not.toContain('very-secret')
    expect(`${report}${lines}`).not.toContain(btoa('ada!very-secret').slice(0, 12))
    chat.close()
  })
})
