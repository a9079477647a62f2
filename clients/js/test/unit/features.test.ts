import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Chat, Message } from '../../packages/client/src/index.js'
import { after, connect, Net, texts } from './net.js'

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
async function said(text: string): Promise<Message> {
  const { stored } = ada.with('bob').send(text)
  await after(100)
  return stored
}

describe('what people do with messages', () => {
  test('hello says what the server offers', () => {
    expect(ada.features.has('edit')).toBe(true)
    expect(ada.features.has('holograms')).toBe(false)
  })

  test('an edit is shown at once and reaches the other side', async () => {
    const message = await said('helo')
    const edited = ada.with('bob').edit(message, 'hello')
    expect(texts(there())).toEqual(['hello'])
    await after(100)
    await edited
    expect(texts(here())).toEqual(['hello'])
    expect(here()[0]!.editedAt).not.toBeNull()
    expect(there()[0]).toMatchObject({ text: 'hello', state: 'sent' })
  })

  test('what the server refuses is taken back', async () => {
    const message = await said('hello')
    net.backend.refuse = ({ type }) => (type === 'edit' || type === 'react' ? { code: 'too_late', retryable: false } : undefined)
    const edited = ada.with('bob').edit(message, 'hullo')
    const reacted = ada.with('bob').react(message, '👍')
    expect(there()[0]).toMatchObject({ text: 'hullo', reactions: [{ emoji: '👍' }] })
    await after(200)
    await expect(edited).rejects.toMatchObject({ code: 'too_late' })
    await expect(reacted).rejects.toMatchObject({ code: 'too_late' })
    expect(there()[0]).toMatchObject({ text: 'hello', editedAt: null, reactions: [] })
  })

  test('one emoji a person; the newest one stands, also when they come faster than the answers', async () => {
    const message = await said('hello')
    for (const emoji of ['👍', '😀', '🎉']) void ada.with('bob').react(message, emoji)
    void bob.with('ada').react(here()[0]!, '🎉')
    expect(there()[0]!.reactions).toEqual([{ emoji: '🎉', count: 1, users: ['ada'] }])
    await after(500)
    for (const [shown] of [there(), here()]) expect(shown!.reactions).toMatchObject([{ emoji: '🎉', count: 2 }])
    void ada.with('bob').react(message, null)
    await after(200)
    expect(here()[0]!.reactions).toEqual([{ emoji: '🎉', count: 1, users: ['bob'] }])
  })

  test('deleted for all is a tombstone, deleted for me is gone here alone', async () => {
    const [first, second] = [await said('one'), await said('two')]
    void ada.with('bob').delete(first, 'all')
    void ada.with('bob').delete(second, 'me')
    expect(there().map(({ text, deleted }) => `${text}${deleted}`)).toEqual(['true'])
    await after(300)
    expect(here().map(({ text, deleted }) => `${text}${deleted}`)).toEqual(['true', 'twofalse'])
    expect(there().length).toBe(1)
  })

  test('pins are everybody’s, stars one’s own', async () => {
    const message = await said('hello')
    void ada.with('bob').pin(message)
    void ada.with('bob').star(message)
    await after(300)
    expect(here()[0]).toMatchObject({ starred: false })
    expect(here()[0]!.pinnedAt).not.toBeNull()
    expect(there()[0]!.starred).toBe(true)
    const pins = bob.with('ada').pins()
    await after(100)
    expect(texts(await pins)).toEqual(['hello'])
  })

  test('a reply carries its quote, a forward the text, a mention who is meant', async () => {
    const message = await said('first')
    bob.with('ada').send('answer', { replyTo: message.id!, mentions: ['ada'] })
    await after(100)
    expect(there()[1]).toMatchObject({ quote: { fromUser: 'ada', text: 'first' }, mentions: ['ada'] })
    const pending = bob.with('ada').send('at once', { replyTo: message.id! })
    expect(bob.with('ada').messages.find(({ clientId }) => clientId === pending.clientId)!.quote).toEqual({
      id: message.id,
      fromUser: 'ada',
      text: 'first',
    })
    const forwarded = bob.with('eve').forward(here()[0]!)
    expect(bob.with('eve').messages[0]).toMatchObject({ text: 'first', forwarded: true, state: 'sending' })
    await after(100)
    expect(await forwarded.stored).toMatchObject({ text: 'first', forwarded: true, state: 'sent' })
    expect(net.backend.messages('bob', 'eve')[0]!.message).toBe('first')
    expect(() => bob.with('eve').forward({ ...here()[0]!, id: null })).toThrow('not stored')
  })

  test('a reply and a forward that wait for a line show what they are, also after a restart, and are sent once', async () => {
    const storage = (await import('../../packages/client/src/index.js')).memoryStorage()
    const first = connect(net, 'zoe', { storage }).chat
    first.with('bob').on('message', () => {})
    first.with('bob').send('to forward')
    await after(100)
    const [message] = first.with('bob').messages
    net.pullCable()
    net.socketMode = 'hang'
    net.request = () => 'fail'
    first.with('bob').send('to answer', { replyTo: message!.id!, mentions: ['bob'] })
    first.with('ada').forward(message!)
    await after(100)
    first.close()
    const second = connect(net, 'zoe', { storage }).chat
    await after(100)
    expect(second.with('bob').messages).toMatchObject([{ text: 'to answer', quote: { text: 'to forward' }, mentions: ['bob'] }])
    expect(second.with('ada').messages).toMatchObject([{ text: 'to forward', forwarded: true, state: 'sending' }])
    net.socketMode = 'ok'
    net.request = () => undefined
    await after(60_000)
    expect(net.backend.messages('zoe', 'bob').map(({ message, quote }) => `${message} ${quote?.message}`)).toEqual([
      'to forward undefined',
      'to answer to forward',
    ])
    expect(net.backend.messages('zoe', 'ada')).toMatchObject([{ message: 'to forward', forwarded: true }])
    second.close()
  })

  test('starred messages come page by page, the newest star first', async () => {
    for (const text of ['one', 'two', 'three']) void ada.with('bob').star(await said(text))
    await after(500)
    const page = async (query: { before?: string; limit?: number }) => {
      const asked = ada.starred(query)
      await after(100)
      return asked
    }
    const first = await page({ limit: 2 })
    expect(first.found.map(({ conversation, message }) => `${conversation.id} ${message.text} ${message.starred}`)).toEqual([
      'bob three true',
      'bob two true',
    ])
    const second = await page({ before: first.next!, limit: 2 })
    expect(second.found.map(({ message }) => message.text)).toEqual(['one'])
    expect(second.next).toBeNull()
  })

  test('commands go by POST without a line, in order with the messages, and once', async () => {
    const message = await said('one')
    net.socketMode = 'hang'
    net.streamMode = 'hang'
    let lost = 2
    net.request = (_, path) => (path === '/v2/edit' && lost-- > 0 ? 'lost' : undefined)
    for (const socket of net.open) socket.fail(1006)
    const edited = ada.with('bob').edit(message, 'uno')
    ada.with('bob').send('two')
    await after(20_000)
    await edited
    expect(net.backend.messages('ada', 'bob').map((one) => one.message)).toEqual(['uno', 'two'])
    expect(new Set(net.backend.arrivals.filter((id) => id.startsWith('edit'))).size).toBe(1)
  })

  test('an update of a message that is not loaded makes no hole in what is', async () => {
    for (let i = 1; i <= 60; i++) net.backend.write('eve', 'ada', `${i}`)
    const eve = ada.with('eve')
    await after(100)
    eve.on('message', () => {})
    await after(100)
    expect(eve.messages.length).toBe(50)
    net.backend.command('eve', { type: 'edit', id: net.backend.messages('ada', 'eve')[0]!.id, message: 'changed', client_id: 'x' })
    await after(100)
    expect(eve.messages.length).toBe(50)
    void eve.loadOlder()
    await after(100)
    expect(eve.messages[0]!.text).toBe('changed')
  })

  test('a message that has run out goes when its time comes, also without a line', async () => {
    const gone = new Date(Date.now() + 5_000).toISOString()
    const room = net.backend.direct('ada', 'bob')
    net.backend.store(room, 'bob', { type: 'send', client_id: 'd' }, 'short')
    Object.assign(room.messages.at(-1)!, { expires_at: gone })
    net.backend.append('ada', { type: 'update', ...room.messages.at(-1)! })
    await after(1_000)
    expect(texts(there())).toEqual(['short'])
    net.pullCable()
    await after(5_000)
    expect(texts(there())).toEqual([])
  })
})

describe('what people do with chats', () => {
  test('messages disappear when it was said so: each at its own time, in the list of chats too', async () => {
    const [room, list] = [ada.with('bob'), () => ada.conversations[0]!.last?.text ?? null]
    await said('stays')
    void room.disappear(7_200)
    await after(200)
    expect([room.disappearS, bob.with('ada').disappearS]).toEqual([7_200, 7_200])
    await said('for two hours')
    void room.disappear(3_600)
    await after(200)
    const brief = await said('for one hour')
    expect(Date.parse(brief.expiresAt!) - Date.parse(brief.createdAt)).toBe(3_600_000)
    const shown = () => texts(there()).filter((text) => text)
    await after(3_600_000)
    expect(shown()).toEqual(['stays', 'for two hours'])
    await after(3_600_000)
    expect([shown(), texts(here()).filter((text) => text)]).toEqual([['stays'], ['stays']])
    expect(list()).toBe('')
    void room.disappear(0)
    await after(200)
    await said('for ever')
    expect(there().at(-1)!.expiresAt).toBeNull()
  })

  test('a name that could not be asked for when somebody wrote first is there when the line is back', async () => {
    let cut = true
    net.request = (_, path) => (cut && path.startsWith('/people/') ? 'fail' : undefined)
    net.backend.write('eve', 'ada', 'who am I?')
    await after(200)
    expect(ada.with('eve').user).toEqual({ id: 'eve' })
    cut = false
    for (const socket of net.sockets) socket.fail(1006)
    await after(5_000)
    expect(ada.with('eve').user?.name).toBe('EVE')
    net.requests.length = 0
    for (const socket of net.sockets) socket.fail(1006)
    await after(5_000)
    expect(net.requests.filter((one) => one.includes('/people/'))).toEqual([])
  })

  test('the newest message of a chat that is not open disappears from the list', async () => {
    const eve = net.backend.direct('ada', 'eve')
    eve.disappearS = 3_600
    net.backend.write('eve', 'ada', 'short')
    await after(100)
    expect(ada.with('eve').last?.text).toBe('short')
    await after(3_600_000)
    expect(ada.with('eve').last).toBeNull()
  })

  test('a draft is seen on the other device, and not by the other person; sending it removes it', async () => {
    const phone = connect(net, 'ada').chat
    await said('hello')
    for (const text of ['I', 'I th', 'I think']) ada.with('bob').setDraft(text)
    await after(1_500)
    expect(phone.with('bob').draft).toEqual({ text: 'I think', replyTo: null })
    expect(bob.with('ada').draft).toBeNull()
    expect(net.backend.arrivals.filter((id) => id.startsWith('draft')).length).toBe(1)
    ada.with('bob').send('I think')
    await after(1_500)
    expect(phone.with('bob').draft).toBeNull()
    phone.close()
  })

  test('typing is shown for six seconds, or until the message is there, and told seldom', async () => {
    await said('hello')
    const typed = vi.spyOn(net.backend, 'command')
    for (let i = 0; i < 10; i++) {
      bob.with('ada').setTyping()
      await after(100)
    }
    expect(typed.mock.calls.length).toBe(1)
    expect(ada.with('bob').typing).toEqual(['bob'])
    await after(6_500)
    expect(ada.with('bob').typing).toEqual([])
    bob.with('ada').setTyping()
    await after(100)
    bob.with('ada').send('done')
    await after(100)
    expect(ada.with('bob').typing).toEqual([])
  })

  test('presence is watched, and watched again on the next line', async () => {
    const seen: string[] = []
    ada.on('presence', ({ user, presence }) => seen.push(`${user} ${presence?.online}`))
    const stop = ada.watch(['bob', 'eve'])
    await after(200)
    expect(ada.presence('bob')).toEqual({ online: true, lastSeen: null })
    expect(ada.presence('eve')).toEqual({ online: false, lastSeen: null })
    for (const socket of net.open) socket.fail(1006)
    await after(5_000)
    expect(seen).toEqual(['bob true', 'eve false', 'bob undefined', 'eve undefined', 'bob true', 'eve false'])
    stop()
  })

  test('a mute has an end, and is undone when the server refuses', async () => {
    await said('hello')
    const until = new Date(Date.now() + 3_600_000)
    void ada.with('bob').mute(until)
    await after(200)
    expect(Date.parse(ada.with('bob').mutedUntil!)).toBe(until.getTime())
    expect(ada.with('bob').muted).toBe(true)
    void ada.with('bob').mute('always')
    await after(200)
    expect(ada.with('bob')).toMatchObject({ muted: true, mutedUntil: null })
    net.backend.refuse = () => ({ code: 'no', retryable: false })
    const refused = ada.with('bob').mute(null)
    expect(ada.with('bob').muted).toBe(false)
    refused.catch(() => {})
    await after(200)
    expect(ada.with('bob').muted).toBe(true)
  })

  test('a group is made, named, joined by its link and left', async () => {
    const making = ada.createGroup({ name: 'Trip', members: ['bob'] })
    await after(200)
    const trip = await making
    expect(trip).toMatchObject({ kind: 'group', name: 'Trip', role: 'owner', memberCount: 2 })
    expect(bob.conversations.map(({ name }) => name)).toEqual(['Trip'])
    bob.conversations[0]!.on('message', () => {})
    trip.send('where to?')
    await after(200)
    expect(bob.conversations[0]!.messages.map(({ text, system }) => system?.kind ?? text)).toEqual(['created', 'where to?'])
    void trip.update({ name: 'Rome' })
    await after(200)
    expect(bob.conversations[0]!.name).toBe('Rome')

    const eve = connect(net, 'eve').chat
    const linking = trip.link()
    await after(200)
    const joining = eve.join((await linking).code)
    await after(200)
    expect((await joining).name).toBe('Rome')
    const members = trip.members()
    await after(100)
    expect((await members).members.map(({ user, role }) => `${user.id} ${role}`)).toEqual(['ada owner', 'bob member', 'eve member'])
    void bob.conversations[0]!.leave()
    await after(200)
    expect(bob.conversations).toEqual([])
    const wrong = eve.join('code-nothing')
    wrong.catch(() => {})
    await after(200)
    await expect(wrong).rejects.toMatchObject({ code: 'not_found' })
    eve.close()
  })

  test('in a group, what one reads on another device is read here, and is no tick of the others', async () => {
    const making = ada.createGroup({ name: 'Trip', members: ['bob', 'eve'] })
    await after(200)
    const trip = await making
    const phone = connect(net, 'ada').chat
    await after(200)
    phone.conversations[0]!.open()
    trip.open()
    trip.send('where to?')
    await after(200)
    bob.conversations[0]!.send('Rome')
    await after(200)
    expect(trip.unread).toBe(1)
    phone.conversations[0]!.markRead()
    await after(2_000)
    expect(trip.unread).toBe(0)
    expect(trip.messages.find(({ text }) => text === 'where to?')!.state).not.toBe('read')
    trip.send('when?')
    await after(200)
    bob.conversations[0]!.markRead()
    await after(2_000)
    expect(trip.messages.at(-1)!.state).toBe('read')
    phone.close()
  })

  test('search finds messages with the chats they are in; privacy is known on all devices', async () => {
    await said('pasta tonight')
    await said('no')
    const searching = bob.search({ text: 'pasta' })
    await after(100)
    expect((await searching).found.map(({ conversation, message }) => `${conversation.id} ${message.text}`)).toEqual(['ada pasta tonight'])
    const phone = connect(net, 'ada').chat
    await after(100)
    const known = phone.loadPrivacy()
    await after(100)
    expect((await known).lastSeen).toBe(true)
    void ada.setPrivacy({ lastSeen: false })
    await after(200)
    expect(phone.privacy).toEqual({ receipts: true, online: true, lastSeen: false, typing: true })
    phone.close()
  })
})
