import type { Browser } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FaultServer, type SocketFaultName, type StreamFault } from '../faults/server.js'
import { browserNames, firstMessage, launch, openPage } from './browsers.js'

type Row = [socket: SocketFaultName, stream: StreamFault, within: number, transport: string, code: string | undefined]

/** CLIENTS.md 1.5: what the WebSocket does, what the stream does, and by when the message is stored over what. */
const rows: Row[] = [
  ['works', 'works', 1_000, 'ws', undefined],
  ['answers 404', 'works', 1_000, 'stream', 'refused_404'],
  ['answers 200', 'works', 1_000, 'stream', 'refused_200'],
  ['answers 301', 'works', 1_000, 'stream', 'refused_301'],
  ['answers 503', 'works', 1_000, 'stream', 'refused_503'],
  ['answers a wrong key', 'works', 1_000, 'stream', 'upgraded_but_silent'],
  ['has no Upgrade header', 'works', 1_000, 'stream', 'upgrade_stripped'],
  ['is refused before the server', 'works', 1_000, 'stream', 'refused_before_server'],
  ['is reset', 'works', 1_000, 'stream', 'refused_before_server'],
  ['hangs', 'works', 1_900, 'stream', undefined],
  ['hangs before the server', 'works', 1_900, 'stream', 'held_before_server'],
  ['says nothing after 101', 'works', 1_900, 'stream', 'upgraded_but_silent'],
  ['hangs', 'is buffered', 1_900, 'poll', undefined],
  ['hangs', 'answers 404', 1_900, 'poll', undefined],
]

describe.each(browserNames)('in %s', (name) => {
  let browser: Browser
  let close: () => Promise<void>
  let server: FaultServer
  beforeAll(async () => {
    ;({ browser, close } = await launch(name))
  })
  afterAll(() => close())
  beforeEach(async () => {
    server = await new FaultServer().start()
  })
  afterEach(async () => {
    for (const page of (await browser.pages()).slice(1)) await page.close()
    await server.stop()
  })
  const stored = () => server.backend.messages('ada', 'bob').map(({ message }) => message)

  test.each(rows)('F1 F2 F3 F6: the WebSocket %s, the stream %s: stored within %d ms, over %s', async (socket, stream, within, transport, code) => {
    server.socket = socket
    server.stream = stream
    const page = await openPage(browser, server)
    const seen = await firstMessage(page, server.url, { wanted: code !== undefined, live: transport })
    expect(stored()).toEqual(['hello'])
    expect(seen.stored).toBeLessThanOrEqual(within)
    expect(seen.live.at(-1)?.transport).toBe(transport)
    if (code) {
      expect(seen.diagnosis?.code).toBe(code)
      expect(seen.diagnosis!.ms).toBeLessThan(within + 2_000)
    }
  })

  test('F4: a WebSocket that dies after 200 ms is given up for a stream after three lives', async () => {
    server.socket = 'dies after 200 ms'
    const page = await openPage(browser, server)
    const seen = await firstMessage(page, server.url, { live: 'stream', wanted: true })
    expect(seen.stored).toBeLessThan(1_000)
    expect(seen.diagnosis?.code).toBe('flapping')
    expect(server.handshakes).toBe(3)
  })

  test('F21: a lost acknowledgement costs 1.5 s and one POST', async () => {
    server.backend.deliver = (frame) => frame.type !== 'ack' && frame.type !== 'message'
    const page = await openPage(browser, server)
    const seen = await firstMessage(page, server.url)
    expect(stored()).toEqual(['hello'])
    expect(seen.stored).toBeLessThanOrEqual(1_900)
    expect(server.posts).toBe(1)
  })

  test('F34: a hung handshake of another tab blocks the socket, not the message, and the text says so', async () => {
    server.socket = 'hangs before the server'
    const first = await openPage(browser, server)
    await first.evaluate((url) => void new WebSocket(`${url.replace('http', 'ws')}/api/chat/ws/me`), server.url)
    const second = await openPage(browser, server)
    const watching = firstMessage(second, server.url, { token: 'eve', wanted: true })
    const seen = await firstMessage(first, server.url, { wanted: true })
    expect(seen.stored).toBeLessThanOrEqual(1_900)
    expect((await watching).diagnosis?.code).toBe('held_before_server')
    const operator = await second.evaluate(
      () => (globalThis as unknown as { chat: { state: { diagnosis: { operator: string } } } }).chat.state.diagnosis.operator,
    )
    expect(operator).toContain('Another tab')
  })

  test('F35: after eleven failures of the page the fetch path serves at once', async () => {
    server.socket = 'is reset'
    const page = await openPage(browser, server)
    await page.evaluate(async (url) => {
      for (let i = 0; i < 11; i++) {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/api/chat/ws/me`)
        await Promise.race([new Promise((resolve) => (socket.onclose = resolve)), new Promise((resolve) => setTimeout(resolve, 300))])
      }
    }, server.url)
    const seen = await firstMessage(page, server.url)
    expect(seen.stored).toBeLessThanOrEqual(1_900)
    expect(seen.live[0]?.transport).toBe('stream')
  })

  test('F36: a Content-Security-Policy that forbids the socket is named', async () => {
    const page = await openPage(browser, server, '/csp', { 'Content-Security-Policy': `connect-src ${server.url}` })
    const seen = await firstMessage(page, server.url.replace('127.0.0.1', 'localhost'), { watchMs: 3_000, wanted: true })
    const code =
      seen.diagnosis?.code ??
      (await page.evaluate(() => (globalThis as unknown as { chat: { state: { diagnosis: { code: string } } } }).chat.state.diagnosis?.code))
    expect(code).toBe('blocked_by_page')
  })

  test('F36: a server whose answers are hidden from this origin is told from a dead one, and from one without a certificate', async () => {
    const other = await new FaultServer().start()
    other.socket = 'is reset'
    other.headers = { 'Access-Control-Allow-Origin': null }
    const page = await openPage(browser, server)
    const hidden = await firstMessage(page, other.url, { watchMs: 3_000 })
    expect(hidden.diagnosis?.code).toBe('cors')
    const { url } = other
    await other.stop()
    const page2 = await openPage(browser, server)
    const tls = await firstMessage(page2, server.url.replace('http:', 'https:'), { watchMs: 3_000 })
    expect(tls.diagnosis?.code).toBe('offline')
    const gone = await firstMessage(await openPage(browser, server), url, { watchMs: 3_000 })
    expect(gone.diagnosis?.code).toBe('offline')
  })

  test('F36: a path that leads to another backend is named', async () => {
    server.socket = 'answers 404'
    server.request = () => ({ status: 404, text: '<html>', headers: { Server: 'nginx' } })
    const page = await openPage(browser, server)
    const seen = await firstMessage(page, server.url, { watchMs: 3_000 })
    expect(seen.diagnosis?.code).toBe('wrong_backend')
  })

  test('F24: a page that is reloaded before the answer sends its message once more, under the same id', async () => {
    server.socket = 'is reset'
    server.request = (_, path) => (path === '/messages' ? 'lost' : undefined)
    server.backend.deliver = (frame) => frame.type !== 'message'
    const page = await openPage(browser, server)
    const write = (text: string | null) =>
      page.evaluate(
        (url, text) =>
          new Promise<number>((resolve) => {
            const { tieline } = globalThis as unknown as { tieline: typeof import('../../packages/client/src/index.js') }
            const chat = tieline.connectChat(url, 'ada', { account: 'ada' })
            if (text) chat.with('bob').send(text)
            const watch = setInterval(() => {
              const done = text ? chat.state.state === 'online' : chat.with('bob').messages.some(({ state }) => state === 'sent')
              if (done) {
                clearInterval(watch)
                setTimeout(() => resolve(chat.with('bob').messages.length), 500)
              }
            }, 20)
          }),
        server.url,
        text,
      )
    await write('hello')
    // Gone before anything is answered again, or the old page may have its answer yet and leave nothing to the new one.
    await page.reload()
    server.request = () => undefined
    server.backend.deliver = () => true
    server.socket = 'works'
    expect(await write(null)).toBe(1)
    expect(stored()).toEqual(['hello'])
    expect(new Set(server.backend.arrivals).size).toBe(1)
  })

  test('F24: what a closed tab left unsent is sent once by the tab that lives', async () => {
    server.socket = 'is reset'
    server.request = (_, path) => (path === '/messages' ? 'cut' : undefined)
    const pages = [await openPage(browser, server), await openPage(browser, server)] as const
    for (const [i, page] of pages.entries()) {
      await page.evaluate(
        (url, text) =>
          new Promise<void>((resolve) => {
            const { tieline } = globalThis as unknown as { tieline: typeof import('../../packages/client/src/index.js') }
            const chat = tieline.connectChat(url, 'ada', { account: 'ada' })
            Object.assign(globalThis, { chat })
            if (text) chat.with('bob').send(text)
            chat.on('state', ({ state }) => state === 'online' && setTimeout(resolve, 300))
          }),
        server.url,
        i ? '' : 'left behind',
      )
    }
    await pages[0].close()
    server.request = () => undefined
    const look = () => pages[1].evaluate(() => (globalThis as unknown as { chat: { wake(): void } }).chat.wake())
    await expect.poll(async () => (await look(), stored()), { timeout: 12_000, interval: 500 }).toEqual(['left behind'])
    expect(new Set(server.backend.arrivals).size).toBe(1)
  })

  test('F15: back from another page there is one socket, and what was missed is there', async () => {
    const page = await openPage(browser, server)
    await firstMessage(page, server.url)
    await page.evaluate(() => (globalThis as unknown as { chat: { with(id: string): { open(): void } } }).chat.with('bob').open())
    server.pages.set('/other', { type: 'text/html', text: '<title>other</title>' })
    await page.goto(`${server.url}/other`)
    await expect.poll(() => server.sockets.size, { timeout: 5_000 }).toBe(0)
    server.backend.write('bob', 'ada', 'while away')
    await page.goBack()
    const cached = await page.evaluate(() => 'chat' in globalThis)
    if (!cached) await firstMessage(page, server.url)
    await expect.poll(() => server.sockets.size, { timeout: 5_000 }).toBe(1)
    const last = () =>
      page.evaluate(() => (globalThis as unknown as { chat: { conversations: { last: { text: string } }[] } }).chat.conversations[0]?.last.text)
    await expect.poll(last, { timeout: 5_000 }).toBe(cached ? 'while away' : 'hello')
  })

  test('F33: eight tabs in fallback over HTTP/1.1 each send within 2 s', async () => {
    server.socket = 'is reset'
    const pages = []
    for (let i = 0; i < 8; i++) pages.push(await openPage(browser, server))
    const seen = await Promise.all(pages.map((page, i) => firstMessage(page, server.url, { token: `ada!${i}` })))
    expect(stored().length).toBe(8)
    const slowest = await Promise.all(
      pages.map((page) =>
        page.evaluate(async () => {
          const { chat } = globalThis as unknown as { chat: { with(id: string): { send(text: string): { stored: Promise<unknown> } } } }
          const began = performance.now()
          await chat.with('bob').send('again').stored
          return performance.now() - began
        }),
      ),
    )
    expect(Math.max(...slowest)).toBeLessThan(2_000)
    expect(seen.every(({ stored: ms }) => ms !== null)).toBe(true)
  })
})
