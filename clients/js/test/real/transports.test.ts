import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Chat, connectChat } from '../../packages/client/src/index.js'
import { RealServer } from './server.js'
import { socket, ways, withoutNative } from './ways.js'

let server: RealServer
beforeAll(async () => {
  server = await RealServer.start()
}, 300_000)
afterAll(() => server?.stop())

const online = (chat: Chat) => expect.poll(() => chat.state.state, { timeout: 10_000 }).toBe('online')

describe.each(ways)('over %s with the real server', (transport, options) => {
  withoutNative(options)

  test('messages, receipts, history, reading and clearing work', async () => {
    const [ada, bob] = [await server.person(`ada-${transport}`), await server.person(`bob-${transport}`)]
    const [here, there] = [connectChat(server.url, ada.token, options), connectChat(server.url, bob.token, options)]
    await Promise.all([online(here), online(there)])
    expect(here.state.transport).toBe(transport)
    const mine = here.with(bob.id)
    const theirs = there.with(ada.id)
    theirs.open()
    for (let i = 1; i <= 60; i++) mine.send(`${i}`)
    await expect.poll(() => theirs.messages.length, { timeout: 15_000 }).toBe(60)
    expect(theirs.messages.map(({ text }) => text)).toEqual(Array.from({ length: 60 }, (_, i) => `${i + 1}`))
    expect(theirs.unread).toBe(60)
    await expect.poll(() => mine.messages.at(-1)?.state, { timeout: 10_000 }).toBe('delivered')
    theirs.markRead()
    await expect.poll(() => mine.messages.at(-1)?.state, { timeout: 10_000 }).toBe('read')

    const late = connectChat(server.url, bob.token, options)
    late.with(ada.id).open()
    await expect.poll(() => late.with(ada.id).messages.length, { timeout: 10_000 }).toBe(50)
    expect(late.with(ada.id).unread).toBe(0)
    expect((await late.with(ada.id).loadOlder()).length).toBe(10)
    expect(late.with(ada.id).hasMore).toBe(false)
    expect(late.conversations[0]?.user?.name).toBe(`ada-${transport}`)
    late.with(ada.id).clear()
    await expect.poll(() => theirs.messages.length, { timeout: 10_000 }).toBe(0)
    expect(mine.messages.length).toBe(60)

    await theirs.block()
    await expect(mine.send('after the block').stored).rejects.toMatchObject({ code: 'blocked' })
    await theirs.block(false)
    expect((await mine.send('again').stored).state).toBe('sent')
    await expect(mine.send('x'.repeat(70_000)).stored).rejects.toMatchObject({ code: 'too_large' })
    expect((await here.people(`bob-${transport}@example.org`))[0]?.id).toBe(bob.id)
    for (const chat of [here, there, late]) chat.close()
  })
})

test('F29: a bad token is refused by the real server and ends signed out', async () => {
  const chat = connectChat(server.url, 'not.a.token', { WebSocket: socket, account: 'nobody' })
  await expect.poll(() => chat.state.state, { timeout: 10_000 }).toBe('signedOut')
  chat.close()
})

test('F37: a client that offers permessage-deflate gets a line without it', async () => {
  const { token } = await server.person('deflate')
  const bearer = `bearer.${Buffer.from(token).toString('base64url')}`
  const line = new WebSocket(`${server.url.replace('http', 'ws')}/api/chat/ws/me?v=2`, ['tieline.v2', bearer], { perMessageDeflate: true })
  await new Promise((resolve) => line.once('open', resolve))
  expect(line.extensions).toBe('')
  expect(line.protocol).toBe('tieline.v2')
  line.close()
})

test('F2: a proxy that strips the Upgrade header is found out with what the real server saw', async () => {
  const { token } = await server.person('stripped')
  // What nginx does without the two headers: the handshake arrives as a plain HTTP/1.0 request.
  class Stripped {
    readyState = 0
    onclose: ((event: never) => void) | null = null
    constructor(url: string) {
      const { pathname, search } = new URL(url)
      request({ host: '127.0.0.1', port: server.port, path: pathname + search, headers: { Connection: 'close' } }, (answer) => {
        answer.resume()
        answer.on('end', () => this.onclose?.({ code: 1006, reason: '' } as never))
      }).end()
    }
    close() {}
    send() {}
  }
  const chat = connectChat(server.url, token, { WebSocket: Stripped as never })
  await expect.poll(() => chat.state.diagnosis?.code, { timeout: 5_000 }).toBe('upgrade_stripped')
  expect(chat.state.state).toBe('online')
  expect(await chat.explain()).toContain('proxy_set_header Upgrade')
  chat.close()
})
