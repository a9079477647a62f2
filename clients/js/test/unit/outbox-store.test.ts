import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { indexedDbStorage, memoryStorage, type Storage } from '../../packages/client/src/index.js'
import { FakeLocks } from './locks.js'
import { after, connect, Net, texts } from './net.js'

let net: Net
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
  net = new Net()
})
afterEach(() => vi.useRealTimers())

/** Lets IndexedDB, which runs on real time, finish. */
const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))))
const keys = async (storage: Storage) => (await storage.getAllKeys()).filter((key) => key.startsWith('tieline:'))
const stored = () => net.backend.messages('ada', 'bob').map(({ message }) => message)
const dead = (bad: Net) => {
  bad.socketMode = 'refuse'
  bad.request = () => 'fail'
}

describe('the outbox survives', () => {
  test('F24: an app killed between send and acknowledgement sends once more, under the same id', async () => {
    const storage = memoryStorage()
    let lost = true
    net.socketMode = 'hang'
    net.request = (_, path) => (path === '/messages' && lost ? 'lost' : undefined)
    const first = connect(net, 'ada', { storage })
    const { clientId } = first.chat.with('bob').send('hello')
    await after(2_000)
    first.chat.close()
    lost = false
    const second = connect(net, 'ada', { storage })
    await after(3_000)
    expect(stored()).toEqual(['hello'])
    expect(new Set(net.backend.arrivals)).toEqual(new Set([clientId]))
    expect(await keys(storage)).toEqual([])
    second.chat.close()
  })

  test('F24: restored messages are shown as sending, come first and keep their order, also those of one millisecond', async () => {
    const storage = memoryStorage()
    const written = [...'123456789']
    dead(net)
    const first = connect(net, 'ada', { storage })
    for (const text of written) first.chat.with('bob').send(text)
    await after(10)
    first.chat.close()
    const second = connect(net, 'ada', { storage })
    await after(300)
    expect(second.chat.with('bob').messages.map(({ text, state }) => `${text} ${state}`)).toEqual(written.map((text) => `${text} sending`))
    second.chat.with('bob').send('last')
    net.socketMode = 'ok'
    net.request = () => undefined
    await after(30_000)
    expect(stored()).toEqual([...written, 'last'])
    expect(texts(second.chat.with('bob').messages)).toEqual([...written, 'last'])
    second.chat.close()
  })

  test('F24: an app that starts without a network and without a token keeps what is written', async () => {
    const storage = memoryStorage()
    const online = connect(net, 'ada', { storage, account: undefined as never, token: jwt('ada') })
    await after(100)
    online.chat.close()
    dead(net)
    const offline = connect(net, 'ada', { storage, account: undefined as never, token: () => Promise.reject(new Error('offline')) })
    offline.chat.with('bob').send('written in the tunnel')
    await after(1_000)
    offline.chat.close()
    expect((await keys(storage)).length).toBe(1)
  })

  test('F30: signing out wipes the queue', async () => {
    const storage = memoryStorage()
    dead(net)
    const { chat } = connect(net, 'ada', { storage })
    chat.with('bob').send('never')
    await after(1_000)
    await chat.signOut()
    expect(await storage.getAllKeys()).toEqual([])
    net.socketMode = 'ok'
    net.request = () => undefined
    const again = connect(net, 'ada', { storage })
    await after(3_000)
    expect(stored()).toEqual([])
    again.chat.close()
  })

  test('F30: what one account left unsent is never sent as another', async () => {
    const storage = memoryStorage()
    dead(net)
    const ada = connect(net, 'ada', { storage })
    ada.chat.with('bob').send('from ada')
    await after(1_000)
    ada.chat.close()
    net.socketMode = 'ok'
    net.request = () => undefined
    const eve = connect(net, 'eve', { storage })
    await after(30_000)
    expect(net.backend.messages('eve', 'bob')).toEqual([])
    eve.chat.close()
    const back = connect(net, 'ada', { storage })
    await after(3_000)
    expect(stored()).toEqual(['from ada'])
    back.chat.close()
  })

  test('F30: a token of another account on the same client leaves the queue to its owner', async () => {
    const storage = memoryStorage()
    const { chat } = connect(net, 'ada', { storage, account: undefined as never, token: jwt('ada') })
    await after(6_000)
    dead(net)
    net.open[0]!.fail(1006)
    chat.with('bob').send('from ada')
    await after(1_000)
    net.request = () => undefined
    chat.setToken(jwt('eve'))
    net.socketMode = 'ok'
    await after(60_000)
    expect(net.backend.arrivals).toEqual([])
    expect((await keys(storage)).length).toBe(1)
    chat.close()
  })

  test.each([
    ['hangs', () => new Promise<never>(() => {})],
    ['throws', () => Promise.reject(new Error('QuotaExceeded'))],
  ])('F31: a store that %s delays nothing by more than 30 ms', async (_, broken) => {
    const storage: Storage = { getItem: broken, setItem: broken, removeItem: broken, getAllKeys: broken }
    const { chat } = connect(net, 'ada', { storage })
    const sent = chat.with('bob').send('hello')
    await after(70)
    expect((await sent.stored).state).toBe('sent')
    chat.close()
  })

  test('F31: IndexedDB keeps, gives back and removes; a lost connection is opened again', async () => {
    vi.useRealTimers()
    const factory = new IDBFactory()
    const storage = indexedDbStorage(factory)
    await storage.setItem('a', '1')
    await storage.setItem('b', '2')
    await storage.removeItem('a')
    expect(await storage.getAllKeys()).toEqual(['b'])
    await new Promise((resolve) => {
      const request = factory.deleteDatabase('tieline')
      request.onsuccess = resolve
    })
    await storage.setItem('c', '3')
    expect(await storage.getItem('c')).toBe('3')
    expect(await storage.getItem('missing')).toBeNull()
  })

  test('F31: without a working IndexedDB everything is kept in memory', async () => {
    vi.useRealTimers()
    const storage = indexedDbStorage({
      open() {
        throw new DOMException('denied', 'SecurityError')
      },
    } as never)
    await storage.setItem('a', '1')
    expect(await storage.getItem('a')).toBe('1')
    expect(await storage.getAllKeys()).toEqual(['a'])
  })

  test('F32: nothing here touches localStorage', async () => {
    const touched = vi.fn(() => {
      throw new DOMException('denied', 'SecurityError')
    })
    vi.stubGlobal('localStorage', new Proxy({}, { get: touched, set: touched }))
    const { chat } = connect(net)
    const sent = chat.with('bob').send('hello')
    await after(300)
    expect((await sent.stored).state).toBe('sent')
    expect(touched).not.toHaveBeenCalled()
    vi.unstubAllGlobals()
    chat.close()
  })

  test('what a closed tab left is taken over by the tab that lives, and only by one', async () => {
    const storage = memoryStorage()
    const locks = new FakeLocks() as unknown as LockManager
    const lonely = new Net()
    dead(lonely)
    const closing = connect(lonely, 'ada', { storage, locks })
    closing.chat.with('bob').send('left behind')
    await after(1_000)
    const living = connect(net, 'ada', { storage, locks })
    const third = connect(net, 'ada', { storage, locks })
    await after(15_000)
    expect(stored()).toEqual([])
    closing.chat.close()
    await after(15_000)
    expect(stored()).toEqual(['left behind'])
    expect(net.backend.arrivals.length).toBe(1)
    living.chat.close()
    third.chat.close()
    await settle()
  })

  test('F15: a page in the back/forward cache gives what it wrote to the tab that lives, and sends no second copy when it is back', async () => {
    const storage = memoryStorage()
    const locks = new FakeLocks() as unknown as LockManager
    const lonely = new Net()
    lonely.backend = net.backend
    dead(lonely)
    const cached = connect(lonely, 'ada', { storage, locks })
    cached.chat.with('bob').send('left behind')
    await after(1_000)
    const living = connect(net, 'ada', { storage, locks })
    cached.signal('freeze')
    await after(15_000)
    expect(stored()).toEqual(['left behind'])
    lonely.socketMode = 'ok'
    lonely.request = () => undefined
    cached.signal('visible')
    await after(5_000)
    expect(stored()).toEqual(['left behind'])
    expect(texts(cached.chat.with('bob').messages)).toEqual(['left behind'])
    expect(cached.chat.with('bob').messages[0]?.state).toBe('sent')
    cached.chat.close()
    living.chat.close()
  })

  test('F33: of eight tabs in fallback three keep a request open, and every one sends', async () => {
    const locks = new FakeLocks() as unknown as LockManager
    net.socketMode = 'hang'
    const tabs = Array.from({ length: 8 }, () => connect(net, 'ada', { locks }))
    const sent = tabs.map(({ chat }, i) => chat.with('bob').send(`${i}`))
    await after(3_000)
    expect(net.streams.size).toBe(3)
    for (const { stored: promise } of sent) expect((await promise).state).toBe('sent')
    await after(10_000)
    expect(tabs.map(({ chat }) => chat.state.state)).toEqual(Array(8).fill('online'))
    for (const { chat } of tabs) chat.close()
  })

  test('F34: another tab in the middle of a handshake is named', async () => {
    const locks = new FakeLocks() as unknown as LockManager
    net.socketMode = 'hang'
    const first = connect(net, 'ada', { locks })
    await after(500)
    const second = connect(net, 'ada', { locks })
    await after(1_700)
    expect(second.chat.state.diagnosis?.operator).toContain('Another tab')
    expect(second.chat.state.state).toBe('online')
    first.chat.close()
    second.chat.close()
  })
})

function jwt(sub: string): string {
  // The backend of the tests reads the account in front of the first `!`.
  return `${sub}!.${btoa(JSON.stringify({ sub }))}.x`
}
