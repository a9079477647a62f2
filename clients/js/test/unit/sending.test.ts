import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Message } from '../../packages/client/src/index.js'
import { after, connect, Net, texts } from './net.js'

let net: Net
beforeEach(() => {
  vi.useFakeTimers()
  net = new Net()
})
afterEach(() => vi.useRealTimers())

const stored = () => texts2(net.backend.messages('ada', 'bob'))
const texts2 = (messages: readonly { message: string }[]) => messages.map(({ message }) => message)

describe('sending', () => {
  test('F21: an acknowledgement that is lost leads to one POST after 1.5 s, and the message is stored once', async () => {
    net.backend.deliver = (frame) => frame.type !== 'ack' && frame.type !== 'message'
    const { chat } = connect(net)
    const sent = chat.with('bob').send('hello')
    await after(1_800)
    expect((await sent.stored).state).toBe('sent')
    expect(net.requests.filter((request) => request === 'POST /messages').length).toBe(1)
    expect(stored()).toEqual(['hello'])
    chat.close()
  })

  test('F21: when the reply of the POST is lost as well it is asked again under the same client_id', async () => {
    let lost = 3
    net.socketMode = 'hang'
    net.request = (method, path) => (path === '/messages' && method === 'POST' && lost-- > 0 ? 'lost' : undefined)
    const { chat } = connect(net)
    const sent = chat.with('bob').send('hello')
    await after(10_000)
    expect((await sent.stored).state).toBe('sent')
    expect(stored()).toEqual(['hello'])
    expect(new Set(net.backend.arrivals).size).toBe(1)
    chat.close()
  })

  test('F22: a server that takes 30 s and a person who presses retry five times store one message', async () => {
    net.socketMode = 'hang'
    let slow = true
    net.request = (_, path) => {
      if (path !== '/messages' || !slow) return undefined
      return 'hang'
    }
    const { chat } = connect(net)
    const bob = chat.with('bob')
    const sent = bob.send('hello')
    for (let i = 0; i < 5; i++) {
      await after(5_000)
      bob.retry(sent.clientId)
    }
    slow = false
    await after(15_000)
    expect((await sent.stored).state).toBe('sent')
    expect(stored()).toEqual(['hello'])
    expect(bob.messages.length).toBe(1)
    chat.close()
  })

  test('F23: an echo before the acknowledgement, or without one, is one bubble', async () => {
    for (const swallowed of ['none', 'ack']) {
      net = new Net()
      net.backend.deliver = (frame) => frame.type !== swallowed
      const { chat } = connect(net)
      const bob = chat.with('bob')
      bob.open()
      const sent = bob.send('hello')
      await after(300)
      expect((await sent.stored).state).toBe('sent')
      expect(bob.messages.map(({ text, state }) => `${text} ${state}`)).toEqual(['hello sent'])
      chat.close()
    }
  })

  test('F26: what is sent in the handler of "online" comes after what was waiting', async () => {
    const { chat } = connect(net)
    const bob = chat.with('bob')
    for (let i = 1; i <= 5; i++) bob.send(`${i}`)
    chat.on('state', ({ state }) => state === 'online' && bob.send('in the handler'))
    await after(1_000)
    expect(stored()).toEqual(['1', '2', '3', '4', '5', 'in the handler'])
    chat.close()
  })

  test('F25: two hundred sends over sockets that die at random are stored once and in order', async () => {
    let seed = 7
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
    net.request = (method) => (method === 'POST' ? (random() < 0.3 ? 'fail' : random() < 0.3 ? 'lost' : undefined) : undefined)
    const { chat } = connect(net, 'ada', { random })
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
    expect(bob.messages.every(({ state }) => state === 'sent')).toBe(true)
    chat.close()
  })

  test('a retryable refusal holds what is behind it, and the order stays', async () => {
    let full = 3
    net.backend.refuse = ({ message }) => (message === '2' && full-- > 0 ? { code: 'storage_full', retryable: true, retry_after_ms: 500 } : undefined)
    const { chat } = connect(net)
    const bob = chat.with('bob')
    for (let i = 1; i <= 4; i++) bob.send(`${i}`)
    await after(5_000)
    expect(stored()).toEqual(['1', '2', '3', '4'])
    chat.close()
  })

  test('what is held behind a message that was taken back still goes', async () => {
    net.backend.refuse = ({ message }) => (message === 'bad' ? { code: 'storage_full', retryable: true, retry_after_ms: 60_000 } : undefined)
    const { chat } = connect(net)
    const bob = chat.with('bob')
    const bad = bob.send('bad')
    bob.send('good')
    await after(1_000)
    bob.discard(bad.clientId)
    await after(65_000)
    expect(stored()).toEqual(['good'])
    await expect(bad.stored).rejects.toMatchObject({ code: 'discarded' })
    chat.close()
  })

  test('a card that is no JSON is refused on the spot, and one that is changed later goes as it was', async () => {
    const { chat } = connect(net)
    const bob = chat.with('bob')
    const card: Record<string, unknown> = { post: 1 }
    bob.send('', { card })
    card.post = card
    expect(() => bob.send('', { card })).toThrow(TypeError)
    bob.send('goes on')
    await after(500)
    expect(net.backend.messages('ada', 'bob').map(({ message, card }) => [message, card])).toEqual([
      ['', { post: 1 }],
      ['goes on', undefined],
    ])
    chat.close()
  })

  test('a refusal for good fails that message and nothing else; retry sends it under the same id', async () => {
    net.backend.refuse = ({ message }) => (message === 'rude' ? { code: 'blocked', retryable: false } : undefined)
    const { chat } = connect(net)
    const bob = chat.with('bob')
    const rude = bob.send('rude')
    const fine = bob.send('fine')
    await after(500)
    await expect(rude.stored).rejects.toMatchObject({ code: 'blocked' })
    expect((await fine.stored).seq).toBe(1)
    expect(bob.messages.map(({ text, state }) => `${text} ${state}`)).toEqual(['fine sent', 'rude failed'])
    net.backend.refuse = () => undefined
    bob.retry(rude.clientId)
    await after(500)
    expect(bob.messages.map(({ text, state }) => `${text} ${state}`)).toEqual(['fine sent', 'rude sent'])
    expect(net.backend.arrivals.filter((id) => id === rude.clientId).length).toBe(2)
    chat.close()
  })

  test('F38: a message above the limit fails by itself and never costs the line', async () => {
    const { chat } = connect(net)
    await after(100)
    const bob = chat.with('bob')
    const large = bob.send('x'.repeat(70_000))
    bob.send('small')
    await after(1_000)
    await expect(large.stored).rejects.toMatchObject({ code: 'too_large' })
    expect(stored()).toEqual(['small'])
    expect(net.sockets.length).toBe(1)
    chat.close()
  })

  test('F38: a proxy that answers 413 fails that message only', async () => {
    net.socketMode = 'hang'
    net.request = (_, path, body) => (path === '/messages' && body!.message!.length > 1_000 ? { status: 413, text: '<html>' } : undefined)
    const { chat } = connect(net)
    const bob = chat.with('bob')
    const large = bob.send('x'.repeat(2_000))
    bob.send('small')
    await after(2_000)
    await expect(large.stored).rejects.toMatchObject({ code: 'too_large' })
    expect(stored()).toEqual(['small'])
    chat.close()
  })

  test("a proxy's page never fails a message, whatever its status", async () => {
    net.socketMode = 'hang'
    let broken = true
    net.tieline = false
    net.request = (_, path) => (path === '/messages' && broken ? { status: 404, text: '<html>nginx' } : path === '/test' ? 'fail' : undefined)
    const { chat } = connect(net)
    const sent = chat.with('bob').send('hello')
    await after(20_000)
    expect(chat.with('bob').messages[0]?.state).toBe('sending')
    broken = false
    await after(20_000)
    expect((await sent.stored).state).toBe('sent')
    chat.close()
  })

  test('what was there before the other one started counts as delivered once they have the list', async () => {
    const ada = connect(net, 'ada')
    const bob = ada.chat.with('bob')
    bob.send('hello')
    await after(1_000)
    expect(bob.messages[0]?.state).toBe('sent')
    const there = connect(net, 'bob')
    await after(3_000)
    expect(bob.messages[0]?.state).toBe('delivered')
    ada.chat.close()
    there.chat.close()
  })

  test('states go sending, sent, delivered, read and never back', async () => {
    const ada = connect(net, 'ada')
    const bob = connect(net, 'bob')
    const seen: string[] = []
    ada.chat.with('bob').on('message', (message: Message) => seen.push(message.state))
    await after(100)
    ada.chat.with('bob').send('hello')
    await after(3_000)
    bob.chat.with('ada').markRead()
    await after(3_000)
    net.backend.append('ada', { type: 'receipt', conversation: 'c_ada_bob', user: 'bob', delivered_seq: 1, read_seq: 0 })
    await after(1_000)
    expect(seen).toEqual(['sending', 'sent', 'delivered', 'read'])
    expect(bob.chat.with('ada').unread).toBe(0)
    ada.chat.close()
    bob.chat.close()
  })
})
