import { type ChildProcess, spawn } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Chat, connectChat, memoryStorage, type WebSocketConstructor } from '../../packages/client/src/index.js'
import { executable, RealServer } from '../real/server.js'
import { FakeLocks } from '../unit/locks.js'
import { ChaosProxy } from './proxy.js'
import { AndroidSocket, IosSocket } from './sockets.js'

const soak = process.env.CHAOS_SOAK === '1'
const SENDS = Number(process.env.CHAOS_SENDS ?? (soak ? 5_000 : 240))
const SEED = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9))
const CRASHES = soak ? 10 : 2

let server: RealServer
let proxy: ChaosProxy
const chats: Chat[] = []
let native: ChildProcess | undefined

beforeAll(async () => {
  server = await RealServer.start()
}, 300_000)
afterAll(async () => {
  for (const chat of chats) chat.close()
  native?.kill()
  await proxy?.stop()
  await server?.stop()
})

/** mulberry32: small, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const until = async (what: () => boolean | Promise<boolean>, ms: number) => {
  const end = Date.now() + ms
  while (!(await what())) {
    if (Date.now() > end) return false
    await new Promise((done) => setTimeout(done, 50))
  }
  return true
}

test(
  'two tabs and a C# client through a network of faults: every send stored once, in order, and every list equal',
  async () => {
    console.log(`chaos: seed ${SEED}, ${SENDS} sends (CHAOS_SEED=${SEED} repeats it)`)
    const random = generator(SEED)
    proxy = new ChaosProxy(server.port, random)
    const url = await proxy.start()
    const ada = await server.person('ada')
    const bob = await server.person('bob')

    const storage = memoryStorage()
    const locks = new FakeLocks() as unknown as LockManager
    const tab = (token: string, WebSocket: unknown, device = true) => {
      const chat = connectChat(url, token, { WebSocket: WebSocket as WebSocketConstructor, random, ...(device && { storage, locks }) })
      chats.push(chat)
      return chat
    }
    const tabs = [tab(ada.token, AndroidSocket), tab(ada.token, IosSocket)]
    const receiver = tab(bob.token, AndroidSocket, false)
    receiver.with(ada.id).open()
    for (const chat of tabs) chat.with(bob.id).open()
    native = spawn(executable(), ['chat', url, '--with', 'bob'], {
      env: { ...process.env, TIELINE_TOKEN: ada.token },
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    // Its sign-in looks a person up first and gives up when that fails: it begins in calm.
    proxy.calm = true
    await until(() => tabs.every((chat) => chat.state.state === 'online'), 10_000)
    native.stdin!.write('c 0\n')
    await until(async () => (await stored()).includes('c 0'), 30_000)
    proxy.calm = false

    const sent: Promise<unknown>[] = []
    const counts = [0, 0, 1]
    const crashAt = new Set(Array.from({ length: CRASHES }, (_, i) => Math.floor((SENDS * (i + 1)) / (CRASHES + 1))))
    let crash = Promise.resolve()
    for (let i = 0; i < SENDS; i++) {
      const who = i % 3
      const text = `${'abc'[who]} ${counts[who]!++}`
      if (who < 2) sent.push(tabs[who]!.with(bob.id).send(text).stored)
      else native.stdin!.write(`${text}\n`)
      if (crashAt.has(i)) crash = crash.then(() => server.crash())
      await new Promise((done) => setTimeout(done, random() * 30))
    }
    await crash
    // Half of the way home is still stormy; then the line is left to heal.
    await until(async () => (await stored()).length >= SENDS, 5_000)
    proxy.calm = true
    const all = await until(async () => (await stored()).length >= SENDS + 1, soak ? 300_000 : 60_000)
    const texts = await stored()
    expect(all, `stored ${texts.length} of ${SENDS + 1}`).toBe(true)
    await Promise.all(sent)

    expect(texts.length).toBe(SENDS + 1)
    expect(new Set(texts).size).toBe(SENDS + 1)
    for (const [who, count] of counts.entries()) {
      const own = texts.filter((text) => text.startsWith('abc'[who]!))
      expect(own).toEqual(Array.from({ length: count }, (_, n) => `${'abc'[who]} ${n}`))
    }

    for (const [chat, peer] of [...tabs.map((one) => [one, bob.id] as const), [receiver, ada.id] as const]) {
      const conversation = chat.with(peer)
      const shown = async () => {
        while (conversation.hasMore && (await conversation.loadOlder()).length) {
          // Page by page, to the first message.
        }
        return conversation.messages.map(({ text }) => text)
      }
      expect(await until(async () => (await shown()).length === texts.length, 30_000)).toBe(true)
      expect(await shown()).toEqual(texts)
    }
    console.log(
      `chaos: ${proxy.cutBefore} POSTs cut before, ${proxy.cutAfter} after, ${proxy.kills} sockets and streams killed, ${CRASHES} crashes of the server`,
    )

    async function stored(): Promise<string[]> {
      const answer = await fetch(`${server.url}/api/chat/conversation/${bob.id}`, { headers: { Authorization: `Bearer ${ada.token}` } }).catch(
        () => undefined,
      )
      if (!answer?.ok) return []
      return ((await answer.json()) as { message: string }[]).map(({ message }) => message)
    }
  },
  soak ? 1_800_000 : 240_000,
)
