import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { after, connect, Net, texts } from './net.js'

let net: Net
beforeEach(() => {
  vi.useFakeTimers()
  net = new Net()
})
afterEach(() => vi.useRealTimers())

describe('staying connected', () => {
  test('F8: a socket that opens after it was given up is closed and tells nothing', async () => {
    net.socketMode = 'hang'
    const { chat, states } = connect(net)
    await after(20_000)
    const [late] = net.sockets
    const before = states.length
    const closed = vi.spyOn(late!, 'close')
    late!.readyState = 0
    late!.accept()
    await after(50)
    expect(closed).toHaveBeenCalled()
    expect(states.length).toBe(before)
    chat.close()
  })

  test('F9: a line that dies without any event is noticed within 35 s', async () => {
    const { chat } = connect(net)
    await after(10_000)
    net.pullCable()
    await after(36_000)
    expect(net.sockets.length).toBe(2)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    chat.close()
  })

  test('F9: after a wake-up a dead line is noticed within 5 s', async () => {
    const { chat, signal } = connect(net)
    await after(10_000)
    net.pullCable()
    signal('visible')
    await after(6_500)
    expect(net.sockets.length).toBe(2)
    expect(chat.state.state).toBe('online')
    chat.close()
  })

  test('F10: an offline event while connecting changes nothing', async () => {
    net.socketMode = 'hang'
    const { chat, signal } = connect(net)
    signal('offline')
    net.socketMode = 'ok'
    await after(2_000)
    expect(chat.state.state).toBe('online')
    chat.close()
  })

  test('F11: a close with code 1000 that was not ours is weather', async () => {
    const { chat } = connect(net)
    await after(6_000)
    net.open[0]!.fail(1000)
    await after(1_200)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    chat.close()
  })

  test('F12: what an old socket says late is not heard', async () => {
    const { chat, signal } = connect(net)
    await after(6_000)
    const [old] = net.sockets
    net.pullCable()
    signal('visible')
    await after(7_000)
    old!.mute = false
    old!.readyState = 1
    old!.say({ type: 'pong', pos: 99 })
    await after(100)
    expect(net.sockets.length).toBe(2)
    expect(chat.state.state).toBe('online')
    chat.close()
  })

  test('F13: with timers once a minute a line that still speaks is kept', async () => {
    const { chat } = connect(net)
    await after(6_000)
    const socket = net.open[0]!
    for (let minute = 0; minute < 10; minute++) {
      for (let i = 0; i < 3; i++) {
        vi.setSystemTime(Date.now() + 20_000)
        socket.onmessage?.({ data: '{"type":"ping","pos":0}' } as never)
      }
      await after(1)
    }
    await after(60_000)
    expect(net.sockets.length).toBe(1)
    chat.close()
  })

  test.each([2 * 3_600_000, -2 * 3_600_000])('F14: when the clock jumps by %d ms the line is asked, and a dead one is replaced', async (jump) => {
    const { chat } = connect(net)
    await after(10_000)
    net.pullCable()
    vi.setSystemTime(Date.now() + jump)
    await after(36_000)
    expect(net.sockets.length).toBe(2)
    expect(chat.state.state).toBe('online')
    chat.close()
  })

  test('F15: a page that goes into the back/forward cache closes its socket, and has one and all messages when it is back', async () => {
    const { chat, signal } = connect(net)
    const bob = chat.with('bob')
    bob.open()
    await after(6_000)
    signal('freeze')
    expect(net.open.length).toBe(0)
    net.backend.write('bob', 'ada', 'while away')
    await after(60_000)
    signal('visible')
    signal('visible')
    await after(400)
    expect(net.open.length).toBe(1)
    expect(texts(bob.messages)).toEqual(['while away'])
    chat.close()
  })

  test('F15: a page that is back within two seconds of its start is online all the same', async () => {
    const { chat, signal } = connect(net)
    await after(300)
    signal('freeze')
    await after(200)
    signal('visible')
    await after(2_000)
    expect(net.open.length).toBe(1)
    expect(chat.state.state).toBe('online')
    chat.close()
  })

  test.each([60_000, 1_800_000])('F16: back from %d ms in the background it is online within 2 s and has the list', async (away) => {
    const { chat, signal } = connect(net)
    await after(6_000)
    signal('background')
    await after(5_100)
    expect(net.open.length).toBe(0)
    net.backend.write('bob', 'ada', 'while away')
    await after(away)
    signal('visible')
    await after(2_000)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    expect(chat.conversations[0]?.last?.text).toBe('while away')
    chat.close()
  })

  test('F17: on another network a new line is up within 5 s, without waiting for the old one', async () => {
    const { chat, signal } = connect(net)
    await after(6_000)
    net.pullCable()
    signal('network')
    await after(1_000)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    expect(net.open.length).toBe(1)
    chat.close()
  })

  test('F18: the tenth outage is survived like the first', async () => {
    const { chat } = connect(net)
    for (let outage = 0; outage < 10; outage++) {
      net.socketMode = 'ok'
      net.request = () => undefined
      await after(60_000)
      expect(chat.state.state).toBe('online')
      net.socketMode = 'refuse'
      net.request = () => 'fail'
      for (const socket of net.open) socket.fail(1006)
      for (const cut of [...net.streams]) cut()
      await after(120_000)
      expect(chat.state.state).not.toBe('online')
    }
    chat.close()
  })

  test('F18: each outage has its diagnosis, also when the last one was a minute ago', async () => {
    const { chat } = connect(net)
    for (let outage = 0; outage < 3; outage++) {
      await after(60_000)
      expect(chat.state).toMatchObject({ state: 'online', diagnosis: null })
      net.socketMode = 'refuse'
      net.request = () => 'fail'
      for (const socket of net.open) socket.fail(1006)
      await after(10_000)
      expect(chat.state.diagnosis?.code).toBe('offline')
      net.socketMode = 'ok'
      net.request = () => undefined
    }
    chat.close()
  })

  test('F17: when the old line dies while the new one is being opened, the race goes on', async () => {
    const { chat, signal } = connect(net)
    await after(6_000)
    const [old] = net.open
    net.socketMode = (socket) => setTimeout(() => socket.accept(), 500)
    signal('network')
    await after(300)
    old!.fail(1006)
    await after(600)
    expect(net.sockets.length).toBe(2)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    chat.close()
  })

  test('F19: twenty changes of network and twenty wake-ups leave one socket', async () => {
    const { chat, signal } = connect(net)
    for (let i = 0; i < 20; i++) {
      signal('offline')
      await after(40)
      signal('wake')
      chat.wake()
      await after(40)
    }
    await after(3_000)
    expect(net.open.length).toBe(1)
    expect(net.sockets.length).toBeLessThanOrEqual(2)
    chat.close()
  })

  test('F20: a token callback that never answers is asked again after a minute', async () => {
    let asked = 0
    const { chat } = connect(net, 'ada', { token: () => (asked++ ? 'ada' : new Promise<string>(() => {})) })
    await after(59_000)
    expect(chat.state.state).toBe('connecting')
    await after(2_000)
    expect(chat.state.state).toBe('online')
    chat.close()
  })

  test('F40: ten thousand clients come back spread over a second, each with the token it has', async () => {
    const retries: number[] = []
    let asked = 0
    for (let i = 0; i < 50; i++) {
      const own = new Net()
      const { chat } = connect(own, 'ada', { random: Math.random, token: () => (asked++, 'ada') })
      await after(6_000)
      const cut = Date.now()
      own.open[0]!.fail(1012)
      while (own.open.length === 0 && Date.now() - cut < 3_000) await after(10)
      retries.push(Date.now() - cut)
      chat.close()
    }
    expect(Math.max(...retries)).toBeLessThanOrEqual(1_100)
    expect(new Set(retries.map((ms) => Math.floor(ms / 100))).size).toBeGreaterThan(5)
    expect(asked).toBe(50)
  })

  test('a hidden tab in fallback gives its stream up and polls once a minute, and is quick again when seen', async () => {
    net.socketMode = 'hang'
    const { chat, signal } = connect(net)
    await after(12_000)
    expect(chat.state.transport).toBe('stream')
    signal('hidden')
    await after(31_000)
    expect(net.streams.size).toBe(0)
    expect(chat.state.transport).toBe('poll')
    net.requests.length = 0
    await after(180_000)
    expect(net.requests.filter((request) => request === 'GET /sync').length).toBeLessThanOrEqual(4)
    signal('visible')
    await after(2_000)
    expect(chat.state.transport).toBe('stream')
    chat.close()
  })
})
