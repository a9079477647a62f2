import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Chat, memoryStorage } from '../../packages/client/src/index.js'
import { after, connect, Net } from './net.js'

let net: Net
let ada: Chat
let bob: Chat
beforeEach(async () => {
  vi.useFakeTimers()
  net = new Net()
  ada = connect(net, 'ada').chat
  bob = connect(net, 'bob').chat
  ada.with('bob').on('message', () => {})
  bob.with('ada').on('message', () => {})
  await after(100)
})
afterEach(() => {
  ada.close()
  bob.close()
  vi.useRealTimers()
})

const there = () => ada.with('bob').messages
const here = () => bob.with('ada').messages

describe('files', () => {
  const file = (text: string, name = 'notes.txt') => ({ file: new Blob([text], { type: 'text/plain' }), name })

  test('a message waits for its files, what is for the same chat waits behind it, and other chats do not', async () => {
    net.request = (method) => (method === 'PATCH' && slow ? 'fail' : undefined)
    let slow = true
    const sent = ada.with('bob').send('see this', { files: [file('0123456789')] })
    ada.with('bob').send('and this')
    ada.with('eve').send('hi eve')
    expect(there()[0]!.attachments).toMatchObject([{ name: 'notes.txt', kind: 'file', size: 10, progress: 0 }])
    await after(3_000)
    expect(net.backend.messages('ada', 'bob')).toEqual([])
    expect(net.backend.messages('ada', 'eve').length).toBe(1)
    slow = false
    await after(30_000)
    expect(net.backend.messages('ada', 'bob').map(({ message }) => message)).toEqual(['see this', 'and this'])
    expect((await sent.stored).seq).toBe(1)
    expect(here()[0]!.attachments).toMatchObject([{ id: 'u1', name: 'notes.txt', size: 10 }])
    expect(net.backend.uploads.get('u1')!.bytes).toBe('0123456789')
    expect(here()[0]!.attachments[0]!.url).toBe('https://chat.test/api/chat/files/u1?s=1')
    const fresh = bob.with('ada').fresh(here()[0]!.attachments[0]!)
    await after(100)
    expect(await fresh).toEqual({ url: 'https://chat.test/api/chat/files/u1?s=2' })
  })

  test('the picture of a group is uploaded alone, shown to all by its whole address, and taken away', async () => {
    const made = ada.createGroup({ name: 'Trip', members: ['bob'] })
    await after(100)
    const [trip, seen] = [await made, bob.conversation((await made).id)]
    let cuts = 2
    net.request = (method) => (method === 'PATCH' && cuts-- > 0 ? 'lost' : undefined)
    const set = trip.setPicture(file('pixels', 'us.png'))
    await after(30_000)
    await set
    expect(net.backend.uploads.get('u1')!.bytes).toBe('pixels')
    expect([trip.avatar, seen.avatar]).toEqual(Array(2).fill('https://chat.test/api/chat/files/u1/picture'))
    const gone = trip.setPicture(null)
    await after(100)
    await gone
    expect([trip.avatar, seen.avatar]).toEqual([null, null])
  })

  test('a picture that is refused, or never gets through, is told to who waits', async () => {
    const made = ada.createGroup({ name: 'Trip', members: ['bob'] })
    await after(100)
    const trip = await made
    net.request = (method) => (method === 'PATCH' ? 'fail' : undefined)
    const late = expect(trip.setPicture(file('pixels'))).rejects.toMatchObject({ code: 'unreachable' })
    await after(120_000)
    await late
    expect(trip.avatar).toBeNull()
  })

  test('an upload that is cut goes on where the server has it, and is begun once', async () => {
    let cuts = 2
    net.request = (method) => (method === 'PATCH' && cuts-- > 0 ? 'lost' : undefined)
    const text = 'x'.repeat(600_000)
    const progress: number[] = []
    ada.with('bob').on('message', ({ attachments: [one], state }) => state === 'sending' && one?.progress && progress.push(one.progress))
    ada.with('bob').send('', { files: [file(text)] })
    await after(30_000)
    expect(net.backend.uploads.size).toBe(1)
    expect(net.backend.uploads.get('u1')!.bytes).toBe(text)
    expect(net.backend.messages('ada', 'bob').length).toBe(1)
    expect(progress.at(-1)).toBe(1)
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
  })

  test('a file that the server refuses fails its message alone, and retry begins anew', async () => {
    let refuses = true
    net.request = (method, path) =>
      refuses && method === 'POST' && path === '/uploads' ? { status: 415, body: { code: 'bad_type', message: 'No.', retryable: false } } : undefined
    const sent = ada.with('bob').send('bad', { files: [file('x')] })
    ada.with('bob').send('good')
    await after(1_000)
    await expect(sent.stored).rejects.toMatchObject({ code: 'bad_type' })
    expect(net.backend.messages('ada', 'bob').map(({ message }) => message)).toEqual(['good'])
    refuses = false
    ada.with('bob').retry(sent.clientId)
    await after(1_000)
    expect(net.backend.messages('ada', 'bob').map(({ message }) => message)).toEqual(['good', 'bad'])
  })

  test('a message taken back stops its upload', async () => {
    net.request = (method) => (method === 'PATCH' ? 'fail' : undefined)
    const sent = ada.with('bob').send('no', { files: [file('x')] })
    await after(1_000)
    ada.with('bob').discard(sent.clientId)
    const before = net.requests.length
    await after(60_000)
    expect(net.requests.slice(before).filter((request) => request.includes('/uploads'))).toEqual([])
  })

  test('an upload survives a restart', async () => {
    const storage = memoryStorage()
    net.request = (method) => (method === 'PATCH' ? 'lost' : undefined)
    const first = connect(net, 'zoe', { storage }).chat
    await after(100)
    first.with('bob').send('late', { files: [file('0123456789')] })
    await after(3_000)
    first.close()
    net.request = () => undefined
    const second = connect(net, 'zoe', { storage }).chat
    await after(30_000)
    expect(net.backend.messages('zoe', 'bob').map(({ attachments }) => attachments?.[0]?.name)).toEqual(['notes.txt'])
    expect([...net.backend.uploads.values()].map(({ bytes }) => bytes)).toEqual(['0123456789'])
    second.close()
  })
})
