import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { after, connect, type FakeSocket, Net } from './net.js'

let net: Net
beforeEach(() => {
  vi.useFakeTimers()
  net = new Net()
})
afterEach(() => vi.useRealTimers())

describe('falling back', () => {
  test('F3: a handshake without a frame after it counts as no connection', async () => {
    net.socketMode = 'silent'
    const { chat } = connect(net)
    const sent = chat.with('bob').send('hello')
    await after(1_600)
    expect((await sent.stored).state).toBe('sent')
    expect(chat.state).toMatchObject({ state: 'online', transport: 'stream' })
    chat.close()
  })

  test('F3: the server saw the upgrade, so the operator reads that frames are held', async () => {
    net.socketMode = 'silent'
    net.request = (_, path) => (path.startsWith('/attempt/') ? { status: 200, body: { saw: { upgradeEvent: true }, status: 101 } } : undefined)
    const { chat } = connect(net)
    await after(2_000)
    expect(chat.state.diagnosis?.code).toBe('upgraded_but_silent')
    chat.close()
  })

  test('F2: what the server saw names the status and the missing header', async () => {
    net.socketMode = 'refuse'
    let seen: object = { saw: { upgradeEvent: true }, status: 404 }
    net.request = (_, path) => (path.startsWith('/attempt/') ? { status: 200, body: seen } : undefined)
    const first = connect(net)
    await after(400)
    expect(first.chat.state.diagnosis?.code).toBe('refused_404')
    first.chat.close()
    seen = { saw: { upgradeEvent: false, http: '1.0' }, status: 426 }
    const second = connect(net)
    await after(400)
    expect(second.chat.state.diagnosis?.code).toBe('upgrade_stripped')
    expect(second.chat.state.diagnosis?.operator).toContain('proxy_http_version 1.1')
    second.chat.close()
  })

  test('F4: sockets that die young lead to the stream after three, and the delay keeps growing meanwhile', async () => {
    for (const lifetime of [50, 200, 500]) {
      net = new Net()
      net.socketMode = (socket) => {
        socket.accept()
        setTimeout(() => socket.fail(1006), lifetime)
      }
      const { chat } = connect(net)
      const sent = chat.with('bob').send('hello')
      await after(8_000)
      expect((await sent.stored).state).toBe('sent')
      expect(chat.state).toMatchObject({ state: 'online', transport: 'stream' })
      expect(chat.state.diagnosis?.code).toBe('flapping')
      expect(net.sockets.length).toBe(3)
      await after(20_000)
      expect(net.sockets.length).toBe(3)
      chat.close()
    }
  })

  test('F5: after a restart of the server the WebSocket is back within 30 s, and is not given up for polling', async () => {
    const { chat } = connect(net)
    await after(10_000)
    net.socketMode = 'refuse'
    net.request = () => 'fail'
    for (const socket of net.open) socket.fail(1012)
    await after(15_000)
    expect(chat.state.state).not.toBe('online')
    net.socketMode = 'ok'
    net.request = () => undefined
    await after(30_000)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    chat.close()
  })

  test.each([
    ['buffered', 4_700],
    [{ status: 404, text: 'nothing here' }, 1_700],
  ] as const)('F6: a stream that is %o leads to the long poll', async (mode, by) => {
    net.socketMode = 'hang'
    net.streamMode = mode
    const { chat } = connect(net)
    const sent = chat.with('bob').send('hello')
    await after(by)
    expect((await sent.stored).state).toBe('sent')
    expect(chat.state).toMatchObject({ state: 'online', transport: 'poll' })
    net.backend.write('bob', 'ada', 'hi')
    await after(500)
    expect(chat.conversations[0]?.last?.text).toBe('hi')
    chat.close()
  })

  test('F6: a poll answered 502 is tried again with back-off until something lives', async () => {
    net.socketMode = 'hang'
    net.streamMode = { status: 502, text: 'Bad gateway' }
    net.request = (_, path) => (path === '/sync' ? { status: 502, text: 'Bad gateway' } : undefined)
    const { chat } = connect(net)
    await after(20_000)
    expect(chat.state.state).not.toBe('online')
    net.request = () => undefined
    await after(30_000)
    expect(chat.state.state).toBe('online')
    chat.close()
  })

  test('F7: a server that fails every request at once is not asked in a hot loop', async () => {
    net.socketMode = 'refuse'
    net.streamMode = { status: 500, text: 'oops' }
    net.request = () => ({ status: 500, text: 'oops' })
    const { chat } = connect(net)
    chat.with('bob').send('hello')
    await after(60_000)
    expect(net.sockets.length).toBeLessThan(20)
    expect(net.requests.length).toBeLessThan(100)
    chat.close()
  })

  test('F35: the fetch path serves while the browser delays sockets, and the WebSocket is back within 60 s', async () => {
    let failures = 11
    net.socketMode = (socket) => (failures-- > 0 ? socket.fail(1006) : setTimeout(() => socket.accept(), 15_000))
    const { chat } = connect(net)
    await after(100)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'stream' })
    failures = 0
    await after(60_000)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    chat.close()
  })

  test('a proxy that strips subprotocols is passed with a ticket', async () => {
    net.socketMode = (socket) => {
      if (socket.protocols.length) socket.protocols.length = 0
      socket.accept()
    }
    const { chat } = connect(net)
    await after(200)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    expect(net.requests).toContain('POST /ticket')
    chat.close()
  })

  test('the remembered transport shortens the head start and never switches the WebSocket off', async () => {
    const storage = new Map<string, string>()
    const kept = {
      getItem: async (key: string) => storage.get(key) ?? null,
      setItem: async (key: string, value: string) => void storage.set(key, value),
      removeItem: async (key: string) => void storage.delete(key),
      getAllKeys: async () => [...storage.keys()],
    }
    net.socketMode = 'hang'
    const first = connect(net, 'ada', { storage: kept })
    await after(2_000)
    first.chat.close()
    const second = connect(net, 'ada', { storage: kept })
    await after(50)
    expect(second.chat.state).toMatchObject({ state: 'online', transport: 'stream' })
    second.chat.close()
    net.socketMode = 'ok'
    const third = connect(net, 'ada', { storage: kept })
    await after(100)
    expect(third.chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    third.chat.close()
    expect([...storage.keys()].filter((key) => key.includes('transport'))).toEqual([])
  })

  test('F36: cross-origin refusals, another backend and a dead network each have their code', async () => {
    const codeFor = async (setUp: (net: Net) => void) => {
      net = new Net()
      net.socketMode = 'refuse'
      setUp(net)
      const { chat } = connect(net)
      await after(6_000)
      const code = chat.state.diagnosis?.code
      chat.close()
      return code
    }
    expect(await codeFor((bad) => void (bad.request = () => 'fail'))).toBe('offline')
    expect(await codeFor((bad) => void (bad.request = () => ({ status: 404, text: '<html>', headers: { Server: 'nginx' } })))).toBe('wrong_backend')
    const opaque = Object.defineProperty(new Response(''), 'type', { value: 'opaque' })
    expect(
      await codeFor((bad) => {
        const { fetch } = bad
        bad.request = () => 'fail'
        bad.fetch = (url, init) => (init?.mode === 'no-cors' ? Promise.resolve(opaque) : fetch(url, init))
      }),
    ).toBe('cors')
    expect(
      await codeFor(
        (bad) =>
          void (bad.WebSocket = class {
            constructor() {
              throw new DOMException('blocked', 'SecurityError')
            }
          } as never),
      ),
    ).toBe('blocked_by_page')
  })

  test('busy servers are named as such and their wait is kept', async () => {
    const { chat } = connect(net)
    await after(6_000)
    net.socketMode = 'refuse'
    const socket = net.open[0] as FakeSocket
    socket.say({ type: 'goaway', code: 4429, retry_after_ms: 7_000 })
    await after(10)
    const before = net.sockets.length
    socket.fail(4429, 'Slow down.')
    await after(6_900)
    expect(net.sockets.length).toBe(before)
    await after(1_000)
    expect(net.sockets.length).toBe(before + 1)
    chat.close()
  })
})
