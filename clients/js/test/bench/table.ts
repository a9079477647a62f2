import type { Browser } from 'puppeteer-core'
import { browserNames, firstMessage, launch, openPage, type Seen } from '../browser/browsers.js'
import { FaultServer, type SocketFaultName, type StreamFault } from '../faults/server.js'

/** Milliseconds above the plain WebSocket that a row may take when the WebSocket works or fails fast. */
const FAST_MS = 60
/** What any other row may take. */
const SLOW_MS = 1_900
const RUNS = Number(process.env.BENCH_RUNS ?? 5)

interface Row {
  name: string
  socket: SocketFaultName
  stream?: StreamFault
  /** Frames that never leave the server. */
  swallow?: string[]
  fast: boolean
  live: string
}

const rows: Row[] = [
  { name: 'works', socket: 'works', fast: true, live: 'ws' },
  { name: '404 seen by server', socket: 'answers 404', fast: true, live: 'stream' },
  { name: 'refused before server', socket: 'is refused before the server', fast: true, live: 'stream' },
  { name: 'Upgrade header stripped', socket: 'has no Upgrade header', fast: true, live: 'stream' },
  { name: 'reset', socket: 'is reset', fast: true, live: 'stream' },
  { name: 'hangs', socket: 'hangs', fast: false, live: 'stream' },
  { name: 'hangs, server never saw it', socket: 'hangs before the server', fast: false, live: 'stream' },
  { name: '101 then silence', socket: 'says nothing after 101', fast: false, live: 'stream' },
  { name: 'opens, dies after 200 ms, repeatedly', socket: 'dies after 200 ms', fast: true, live: 'stream' },
  { name: 'hangs, stream buffered by a proxy', socket: 'hangs', stream: 'is buffered', fast: false, live: 'poll' },
  { name: 'hangs, stream 404', socket: 'hangs', stream: 'answers 404', fast: false, live: 'poll' },
  { name: '404, stream buffered by a proxy', socket: 'answers 404', stream: 'is buffered', fast: true, live: 'poll' },
  { name: 'acknowledgement lost', socket: 'works', swallow: ['ack', 'message'], fast: false, live: 'ws' },
]

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** From `new WebSocket` to the acknowledgement of the first send, by hand. */
async function plain(browser: Browser): Promise<number> {
  const server = await new FaultServer().start()
  const times: number[] = []
  for (let i = 0; i < RUNS; i++) {
    const page = await openPage(browser, server)
    times.push(
      await page.evaluate(
        (url) =>
          new Promise<number>((resolve) => {
            const began = performance.now()
            const socket = new WebSocket(`${url.replace('http', 'ws')}/api/chat/ws/me?v=2`, ['tieline.v2', 'bearer.YWRh'])
            socket.onopen = () => socket.send(JSON.stringify({ type: 'send', client_id: String(Math.random()), to: 'bob', message: 'hello' }))
            socket.onmessage = ({ data }) => JSON.parse(data as string).type === 'ack' && resolve(Math.round(performance.now() - began))
          }),
        server.url,
      ),
    )
    await page.close()
  }
  await server.stop()
  return median(times)
}

async function measure(browser: Browser, row: Row): Promise<{ stored: number; live: string; diagnosis: string }> {
  const seen: Seen[] = []
  for (let i = 0; i < RUNS; i++) {
    // A new port for each run: browsers remember what failed at an address.
    const server = await new FaultServer().start()
    server.socket = row.socket
    server.stream = row.stream ?? 'works'
    server.backend.deliver = (frame) => !row.swallow?.includes(frame.type)
    const page = await openPage(browser, server)
    seen.push(await firstMessage(page, server.url, { live: row.live, wanted: !row.swallow && row.socket !== 'works', watchMs: 10_000 }))
    const stored = server.backend.messages('ada', 'bob').length
    if (stored !== 1) throw new Error(`${row.name}: stored ${stored} times`)
    await page.close()
    await server.stop()
  }
  const at = (pick: (one: Seen) => number | null | undefined) => median(seen.map((one) => pick(one) ?? Number.POSITIVE_INFINITY))
  const code = seen[0]!.diagnosis?.code
  return {
    stored: at(({ stored }) => stored),
    live: `${row.live} ${at(({ live }) => live.find(({ transport }) => transport === row.live)?.ms)}`,
    diagnosis: code ? `\`${code}\` ${at(({ diagnosis }) => diagnosis?.ms)}` : '–',
  }
}

const missed: string[] = []
const table: string[][] = rows.map(({ name }) => [name])
const heads: string[] = []
for (const name of browserNames) {
  const { browser, close } = await launch(name)
  // The first page of a fresh browser pays for much that is not ours.
  await plain(browser)
  const base = await plain(browser)
  heads.push(`${name}: stored (plain WebSocket ${base})`, 'live', 'diagnosis')
  for (const [i, row] of rows.entries()) {
    const { stored, live, diagnosis } = await measure(browser, row)
    const limit = row.fast ? base + FAST_MS : SLOW_MS
    if (stored > limit) missed.push(`${name}, ${row.name}: ${stored} ms, at most ${limit}`)
    table[i]!.push(String(stored), live, diagnosis)
  }
  await close()
}
console.log(`First message stored and acknowledged, ms from connectChat(), median of ${RUNS} runs on loopback\n`)
console.log(`| WebSocket | ${heads.join(' | ')} |`)
console.log(`|${'---|'.repeat(heads.length + 1)}`)
for (const line of table) console.log(`| ${line.join(' | ')} |`)
for (const miss of missed) console.log(`\nTOO SLOW: ${miss}`)
process.exit(missed.length ? 1 : 0)
