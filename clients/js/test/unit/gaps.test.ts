import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Frame } from '../../packages/client/src/frames.js'
import { after, connect, Net, texts } from './net.js'

let net: Net
beforeEach(() => {
  vi.useFakeTimers()
  net = new Net()
})
afterEach(() => vi.useRealTimers())

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`)

describe('gaps and catching up', () => {
  test.each([60, 250])('F27: %d messages missed while disconnected all arrive', async (missed) => {
    const { chat } = connect(net)
    const bob = chat.with('bob')
    bob.open()
    net.backend.write('bob', 'ada', '1')
    await after(6_000)
    net.open[0]!.fail(1006)
    for (const text of numbers(2, missed)) net.backend.write('bob', 'ada', text)
    await after(5_000)
    expect(texts(bob.messages)).toEqual(numbers(1, missed))
    expect(bob.unread).toBe(missed)
    chat.close()
  })

  test('F27: beyond what the server keeps, the conversation is reset and shows its newest page', async () => {
    const { chat } = connect(net)
    const bob = chat.with('bob')
    let resets = 0
    bob.on('reset', () => resets++)
    for (const text of numbers(1, 10)) net.backend.write('bob', 'ada', text)
    await after(6_000)
    net.backend.retention = 20
    net.open[0]!.fail(1006)
    for (const text of numbers(11, 200)) net.backend.write('bob', 'ada', text)
    await after(5_000)
    expect(resets).toBe(1)
    expect(texts(bob.messages)).toEqual(numbers(151, 200))
    expect(bob.hasMore).toBe(true)
    let changes = 0
    bob.on('change', () => changes++)
    const [older, again] = [bob.loadOlder(), bob.loadOlder()]
    expect(texts(await drain(older))).toEqual(numbers(101, 150))
    expect(await drain(again)).toBe(await drain(older))
    expect(changes).toBe(1)
    expect(texts(bob.messages)).toEqual(numbers(101, 200))
    chat.close()
  })

  test('F27: another epoch begins from a snapshot and keeps what is on its way', async () => {
    const { chat } = connect(net)
    const bob = chat.with('bob')
    bob.open()
    net.backend.write('bob', 'ada', '1')
    await after(6_000)
    net.backend.restore('e2')
    net.socketMode = 'refuse'
    net.request = () => 'fail'
    net.open[0]!.fail(1006)
    bob.send('on its way')
    await after(1_000)
    net.socketMode = 'ok'
    net.request = () => undefined
    await after(30_000)
    expect(texts(bob.messages)).toEqual(['1', 'on its way'])
    chat.close()
  })

  test('F28: a frame that is lost in the middle is fetched again, and shown in its place', async () => {
    const { chat } = connect(net)
    const bob = chat.with('bob')
    bob.open()
    await after(1_000)
    let drop = 1
    net.backend.deliver = (frame) => !(frame.type === 'message' && frame.message === '2' && drop-- > 0)
    for (const text of numbers(1, 3)) net.backend.write('bob', 'ada', text)
    await after(1_000)
    expect(texts(bob.messages)).toEqual(numbers(1, 3))
    chat.close()
  })

  test('F28: a lost last frame is noticed by the next ping', async () => {
    const { chat } = connect(net)
    const bob = chat.with('bob')
    bob.open()
    await after(1_000)
    net.backend.deliver = () => false
    net.backend.write('bob', 'ada', 'lost')
    await after(100)
    net.backend.deliver = () => true
    net.sockets[0]!.line!.ping()
    await after(100)
    expect(texts(bob.messages)).toEqual(['lost'])
    chat.close()
  })

  test('F28: doubled and reordered frames change nothing', async () => {
    const { chat } = connect(net)
    const bob = chat.with('bob')
    const shown: string[] = []
    bob.on('message', ({ text }) => shown.push(text))
    await after(1_000)
    const held: Frame[] = []
    net.backend.deliver = (frame) => (frame.type === 'message' ? (held.push(frame), false) : true)
    for (const text of numbers(1, 4)) net.backend.write('bob', 'ada', text)
    net.backend.deliver = () => true
    for (const at of [1, 3, 1, 0, 0, 2, 3]) net.sockets[0]!.say(held[at]!)
    await after(100)
    expect(shown).toEqual(numbers(1, 4))
    chat.close()
  })

  test('a hole that asking does not fill ends in a new line', async () => {
    const { chat } = connect(net)
    await after(6_000)
    net.backend.deliver = (frame) => frame.type !== 'message'
    net.backend.write('bob', 'ada', 'lost')
    net.sockets[0]!.line!.ping()
    await after(10_000)
    expect(net.sockets.length).toBeGreaterThan(1)
    net.backend.deliver = () => true
    await after(20_000)
    expect(chat.conversations[0]?.last?.text).toBe('lost')
    chat.close()
  })

  test('F28: a stream that lost something gives way to a poll, which brings it', async () => {
    net.socketMode = 'hang'
    const { chat } = connect(net)
    chat.with('bob').open()
    await after(3_000)
    expect(chat.state.transport).toBe('stream')
    let swallow = 1
    net.backend.deliver = (frame) => !(frame.type === 'message' && swallow-- > 0)
    for (const text of ['lost', 'seen']) net.backend.write('bob', 'ada', text)
    await after(1_000)
    expect(texts(chat.with('bob').messages)).toEqual(['lost', 'seen'])
    expect(chat.state.transport).toBe('poll')
    net.socketMode = 'ok'
    await after(60_000)
    expect(chat.state.transport).toBe('ws')
    chat.close()
  })

  test('two lines opened before there was a cursor do not load history twice', async () => {
    for (const text of numbers(1, 3)) net.backend.write('bob', 'ada', text)
    net.socketMode = (socket) => setTimeout(() => socket.accept(), 3_000)
    const { chat } = connect(net)
    const shown: string[] = []
    chat.with('bob').on('message', ({ text }) => shown.push(text))
    await after(2_000)
    expect(chat.state.transport).toBe('stream')
    await after(3_000)
    expect(chat.state.transport).toBe('ws')
    net.backend.write('bob', 'ada', '4')
    await after(100)
    expect(shown).toEqual(numbers(1, 4))
    chat.close()
  })

  test('F39: handlers that throw, unknown types and broken JSON disturb nothing', async () => {
    const silence = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { chat } = connect(net)
    const bob = chat.with('bob')
    bob.on('message', () => {
      throw new Error('a bug of the app')
    })
    await after(1_000)
    const socket = net.sockets[0]!
    socket.say('{"broken')
    socket.say('42')
    socket.say('null')
    socket.say('{"type":"dance"}')
    net.backend.append('ada', { type: 'dance' })
    net.backend.write('bob', 'ada', 'still here')
    await after(100)
    expect(texts(bob.messages)).toEqual(['still here'])
    expect(net.sockets.length).toBe(1)
    expect(silence).toHaveBeenCalled()
    silence.mockRestore()
    chat.close()
  })

  test('an edited and a deleted message change in place; what was cleared is gone', async () => {
    const { chat } = connect(net)
    const bob = chat.with('bob')
    bob.open()
    for (const text of numbers(1, 3)) net.backend.write('bob', 'ada', text)
    await after(1_000)
    const [first, second] = net.backend.messages('ada', 'bob')
    net.backend.append('ada', { type: 'message', ...first!, message: 'one', edited_at: '2026-01-01T00:00:00.000000Z' })
    net.backend.append('ada', { type: 'message', ...second!, message: '', deleted: true })
    await after(100)
    expect(bob.messages.map(({ text, deleted }) => `${text}${deleted}`)).toEqual(['onefalse', 'true', '3false'])
    net.backend.append('ada', { type: 'cleared', conversation: first!.conversation, seq: 3 })
    await after(100)
    expect(bob.messages).toEqual([])
    expect(chat.conversations).toEqual([])
    chat.close()
  })
})

async function drain<T>(promise: Promise<T>): Promise<T> {
  await after(100)
  return promise
}
