import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Core, type CoreOptions, connectChat, keepIn } from '../../packages/client/src/core.js'
import { memoryStorage } from '../../packages/client/src/index.js'
import { after, Net, texts } from './net.js'

let net: Net
const made: Core[] = []
beforeEach(() => {
  vi.useFakeTimers()
  net = new Net()
})
afterEach(() => {
  for (const chat of made.splice(0)) chat.close()
  vi.useRealTimers()
})

function core(account = 'ada', options: CoreOptions = {}): Core {
  const chat = connectChat('https://chat.test', account, { fetch: net.fetch, WebSocket: net.WebSocket as never, random: () => 0.5, ...options })
  made.push(chat)
  return chat
}

const stored = () => net.backend.messages('ada', 'bob').map(({ message }) => message)

describe('the small client', () => {
  test('shows history, what it sends and what comes, each once and in order', async () => {
    for (let i = 1; i <= 60; i++) net.backend.write('bob', 'ada', `${i}`)
    const chat = core()
    const heard: string[] = []
    chat.on('message', ({ conversation, message }) => heard.push(`${conversation.id} ${message.text}`))
    const bob = chat.with('bob')
    bob.on('message', () => {})
    await after(200)
    expect(bob.messages.length).toBe(50)
    const older = bob.loadOlder()
    await after(100)
    expect((await older).length).toBe(10)
    const sent = bob.send('hello')
    expect(bob.messages.at(-1)).toMatchObject({ text: 'hello', state: 'sending' })
    await after(100)
    expect(await sent.stored).toMatchObject({ seq: 61, state: 'sent' })
    net.backend.write('bob', 'ada', 'live')
    await after(100)
    expect(texts(bob.messages)).toEqual([...Array(60).keys()].map((i) => `${i + 1}`).concat('hello', 'live'))
    expect(heard).toEqual(['bob hello', 'bob live'])
    expect(chat.conversations.map(({ id }) => id)).toEqual(['bob'])
    expect(chat.me).toBe('ada')
  })

  test.each(['hang', 'refuse', 'silent'] as const)('F1, F2, F3: where the WebSocket is %s, a message is stored within two seconds', async (mode) => {
    net.socketMode = mode
    const chat = core()
    chat.with('bob').send('hello')
    await after(2_000)
    expect(stored()).toEqual(['hello'])
    expect(chat.state).toMatchObject({ state: 'online', transport: 'stream' })
    net.backend.write('bob', 'ada', 'back')
    await after(500)
    expect(texts(chat.with('bob').messages)).toEqual(['hello'])
    expect(chat.with('bob').last?.text).toBe('back')
  })

  test('F6: without a stream it polls, and comes back to the WebSocket by itself', async () => {
    net.socketMode = 'hang'
    net.streamMode = { status: 502, text: '' }
    const chat = core()
    await after(3_000)
    expect(chat.state.transport).toBe('poll')
    net.socketMode = 'ok'
    await after(60_000)
    expect(chat.state.transport).toBe('ws')
  })

  test('F21, F25: two hundred sends over sockets that die at random are stored once and in order', async () => {
    let seed = 11
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
    net.request = (method) => (method === 'POST' ? (random() < 0.3 ? 'fail' : random() < 0.3 ? 'lost' : undefined) : undefined)
    const chat = core('ada', { random })
    const bob = chat.with('bob')
    const expected: string[] = []
    for (let i = 0; i < 200; i++) {
      bob.send(`${i}`)
      expected.push(`${i}`)
      await after(random() * 100)
      if (random() < 0.1) for (const socket of net.open) random() < 0.5 ? socket.fail(1006) : (socket.mute = true)
    }
    await after(600_000)
    expect(stored()).toEqual(expected)
    expect(texts(bob.messages)).toEqual(expected)
  })

  test('F27, F28: a hole is filled, and another epoch begins anew', async () => {
    const chat = core()
    const bob = chat.with('bob')
    bob.on('message', () => {})
    await after(100)
    let swallow = 1
    net.backend.deliver = (frame) => !(frame.type === 'message' && swallow-- > 0)
    for (const text of ['lost', 'seen']) net.backend.write('bob', 'ada', text)
    await after(5_000)
    expect(texts(bob.messages)).toEqual(['lost', 'seen'])
    let resets = 0
    bob.on('reset', () => resets++)
    net.backend.restore('e2')
    for (const socket of net.open) socket.fail(1006)
    await after(10_000)
    expect(resets).toBe(1)
    expect(texts(bob.messages)).toEqual(['lost', 'seen'])
  })

  test('a refusal fails that message alone, and retry sends it under the same id', async () => {
    net.backend.refuse = ({ message }) => (message === 'rude' ? { code: 'blocked', retryable: false } : undefined)
    const bob = core().with('bob')
    const rude = bob.send('rude')
    bob.send('fine')
    await after(500)
    await expect(rude.stored).rejects.toMatchObject({ code: 'blocked' })
    expect(stored()).toEqual(['fine'])
    net.backend.refuse = () => undefined
    bob.retry(rude.clientId)
    await after(500)
    expect(stored()).toEqual(['fine', 'rude'])
  })

  test('F24: what is kept is sent after a restart under the same id, and never as another account', async () => {
    const storage = memoryStorage()
    const keep = (account: string) => keepIn(storage, { account })
    net.socketMode = 'hang'
    net.request = () => 'fail'
    const first = core('ada', { keep: keep('ada') })
    const { clientId } = first.with('bob').send('late')
    await after(1_000)
    first.close()
    net.socketMode = 'ok'
    net.request = () => undefined
    core('eve', { keep: keep('eve') })
    await after(5_000)
    expect(stored()).toEqual([])
    const second = core('ada', { keep: keep('ada') })
    await after(5_000)
    expect(net.backend.messages('ada', 'bob').map(({ client_id }) => client_id)).toEqual([clientId])
    expect(second.with('bob').messages[0]).toMatchObject({ clientId, state: 'sent' })
    expect((await storage.getAllKeys()).filter((key) => key.includes(clientId))).toEqual([])
  })

  test('events of features that it does not know count and change nothing', async () => {
    const chat = core()
    await after(100)
    net.backend.append('ada', { type: 'update', conversation: 'c', id: 'c.1', seq: 1 })
    net.backend.append('ada', { type: 'privacy', online: false })
    net.backend.write('bob', 'ada', 'after')
    await after(100)
    expect(chat.with('bob').last?.text).toBe('after')
    expect(net.sockets.length).toBe(1)
  })
})
