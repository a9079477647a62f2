import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { deviceSignals } from '../../packages/client/src/react-native.js'
import { app } from './appstate.js'
import { after, connect, type FakeSocket, Net } from './net.js'

let net: Net
beforeEach(() => {
  vi.useFakeTimers()
  net = new Net()
})
afterEach(() => vi.useRealTimers())

/** OkHttp's manners: close() while connecting is ignored, a failure is an error and a close with the reason only. */
function android(socket: FakeSocket): void {
  const close = socket.close.bind(socket)
  socket.close = (code) => {
    if (socket.readyState !== 0) close(code)
  }
}

describe('on a device', () => {
  test('F8: Android opens a socket that was closed while connecting; it is closed again and heard by nobody', async () => {
    net.socketMode = (socket) => {
      android(socket)
      setTimeout(() => socket.accept(), 12_000)
    }
    const { chat } = connect(net)
    await after(9_000)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'stream' })
    await after(6_000)
    expect(net.open.length).toBe(0)
    expect(chat.state.transport).toBe('stream')
    chat.close()
  })

  test.each([
    ["Expected HTTP 101 response but was '404 Not Found'", 'refused_404'],
    ['Received bad response code from server: 502.', 'refused_502'],
  ])('the close reason "%s" names the status', async (reason, code) => {
    net.socketMode = (socket) => {
      socket.onerror?.({} as never)
      socket.fail(1006, reason)
    }
    const { chat } = connect(net)
    await after(300)
    expect(chat.state.diagnosis?.code).toBe(code)
    chat.close()
  })

  test('F9: iOS gives an error and never a close, and bufferedAmount never moves; the line is replaced', async () => {
    const { chat } = connect(net)
    await after(6_000)
    const [socket] = net.open
    socket!.readyState = 3
    socket!.onerror?.({ message: 'The network connection was lost.' } as never)
    await after(2_000)
    expect(net.sockets.length).toBe(2)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    chat.close()
  })

  test('F16: the app state rests the line after 5 s in the background, and a glance at the shade does not', async () => {
    const { chat } = connect(net, 'ada', { signals: deviceSignals() })
    await after(6_000)
    app.handler('inactive')
    await after(20_000)
    expect(net.open.length).toBe(1)
    app.handler('background')
    await after(2_000)
    app.handler('active')
    await after(20_000)
    expect(net.sockets.length).toBe(1)
    app.handler('background')
    await after(5_100)
    expect(net.open.length).toBe(0)
    const timers = vi.getTimerCount()
    await after(1_800_000)
    expect(net.sockets.length).toBe(1)
    expect(timers).toBeLessThanOrEqual(1)
    app.handler('active')
    await after(2_000)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    chat.close()
    expect(app.removed).toBe(1)
  })

  test.each(['expo-network', 'NetInfo'])('F17: %s tells of another network, and a new line replaces the mute one', async (kind) => {
    let heard = (_: { type: string; isConnected: boolean }) => {}
    let stopped = false
    const network =
      kind === 'NetInfo'
        ? { addEventListener: (listener: typeof heard) => ((heard = listener), () => void (stopped = true)) }
        : { addNetworkStateListener: (listener: typeof heard) => ((heard = listener), { remove: () => void (stopped = true) }) }
    const { chat } = connect(net, 'ada', { signals: deviceSignals(network as never) })
    heard({ type: 'WIFI', isConnected: true })
    await after(6_000)
    net.pullCable()
    heard({ type: 'CELLULAR', isConnected: true })
    await after(1_000)
    expect(net.open.length).toBe(1)
    expect(net.open[0]!.mute).toBe(false)
    chat.close()
    expect(stopped).toBe(true)
  })

  test('a fetch without body streams leads to the long poll', async () => {
    net.socketMode = 'refuse'
    const { fetch } = net
    net.fetch = async (url, init) => {
      const response = await fetch(url, init)
      if (url.includes('/stream')) Object.defineProperty(response, 'body', { value: undefined })
      return response
    }
    const { chat } = connect(net)
    await after(200)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'poll' })
    chat.close()
  })
})
