import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { after, connect, Net, texts } from './net.js'

let net: Net
beforeEach(() => {
  vi.useFakeTimers()
  net = new Net()
})
afterEach(() => vi.useRealTimers())

describe('opening', () => {
  test('a WebSocket that works is live within a few milliseconds and carries the message', async () => {
    const { chat } = connect(net)
    const sent = chat.with('bob').send('hello')
    expect(sent.state).toBe('sending')
    await after(300)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws' })
    expect((await sent.stored).seq).toBe(1)
    expect(net.backend.messages('ada', 'bob')).toHaveLength(1)
    expect(net.requests.filter((request) => request.startsWith('POST'))).toEqual([])
    chat.close()
  })

  test('F1: a handshake that is never answered costs 1.5 s, then the message goes by POST and the stream is live', async () => {
    net.socketMode = 'hang'
    const { chat } = connect(net)
    const sent = chat.with('bob').send('hello')
    await after(1_600)
    expect((await sent.stored).state).toBe('sent')
    expect(chat.state).toMatchObject({ state: 'online', transport: 'stream' })
    await after(2_000)
    expect(chat.state.diagnosis?.code).toBe('held_before_server')
    net.socketMode = 'ok'
    await after(60_000)
    expect(chat.state).toMatchObject({ state: 'online', transport: 'ws', diagnosis: null })
    chat.close()
  })

  test('F2: a refused handshake falls back at once', async () => {
    net.socketMode = 'refuse'
    const { chat } = connect(net)
    const sent = chat.with('bob').send('hello')
    await after(100)
    expect((await sent.stored).state).toBe('sent')
    expect(chat.state).toMatchObject({ state: 'online', transport: 'stream' })
    await after(300)
    expect(chat.state.diagnosis?.code).toBe('refused_before_server')
    chat.close()
  })

  test('history, live and own messages come as one list, each once', async () => {
    for (let i = 1; i <= 3; i++) net.backend.write('bob', 'ada', `old ${i}`)
    const { chat } = connect(net)
    const bob = chat.with('bob')
    const shown: string[] = []
    bob.on('message', (message) => shown.push(`${message.text} ${message.state}`))
    await after(100)
    bob.send('mine')
    await after(100)
    net.backend.write('bob', 'ada', 'new')
    await after(100)
    expect(texts(bob.messages)).toEqual(['old 1', 'old 2', 'old 3', 'mine', 'new'])
    expect(shown).toEqual(['old 1 sent', 'old 2 sent', 'old 3 sent', 'mine sending', 'mine sent', 'new sent'])
    chat.close()
  })
})
