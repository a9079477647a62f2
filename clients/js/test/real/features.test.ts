import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Chat, type Conversation, connectChat, type Message } from '../../packages/client/src/index.js'
import { RealServer } from './server.js'
import { ways, withoutNative } from './ways.js'

let server: RealServer
let people: Record<'ada' | 'bob' | 'eve', { id: string; token: string }>
let round = 0
beforeAll(async () => {
  server = await RealServer.start('--signups-per-min', '0')
}, 300_000)
afterAll(() => server?.stop())

const eventually = <T>(what: () => T) => expect.poll(what, { timeout: 15_000 })

describe.each(ways)('over %s with the real server', (transport, options) => {
  withoutNative(options)
  const open: Chat[] = []
  let ada: Chat
  let bob: Chat
  let adas: Conversation
  let bobs: Conversation
  beforeEach(async () => {
    round++
    people = { ada: await server.person(`ada${round}`), bob: await server.person(`bob${round}`), eve: await server.person(`eve${round}`) }
    ada = connect('ada')
    bob = connect('bob')
    adas = ada.with(people.bob.id)
    bobs = bob.with(people.ada.id)
    adas.open()
    bobs.open()
    await online(ada, bob)
    return () => {
      for (const chat of open.splice(0)) chat.close()
    }
  })

  function connect(name: keyof typeof people): Chat {
    const chat = connectChat(server.url, people[name].token, options)
    open.push(chat)
    return chat
  }
  async function online(...chats: Chat[]): Promise<void> {
    for (const chat of chats) await eventually(() => chat.state.state).toBe('online')
    expect(chats[0]!.state.transport).toBe(transport)
  }
  const texts = (of: Conversation) => of.messages.map(({ text }) => text)
  const kinds = (of: Conversation) => of.messages.map(({ system, text }) => system?.kind ?? text)
  const newest = (of: Conversation): Message => of.messages.at(-1)!

  test('a message is edited, deleted, reacted to, pinned and starred', async () => {
    const first = await adas.send('helo').stored
    const second = await adas.send('second').stored
    await adas.edit(first, 'hello')
    await eventually(() => texts(bobs)).toEqual(['hello', 'second'])
    expect(bobs.messages[0]!.editedAt).not.toBeNull()
    await expect(bobs.edit(bobs.messages[0]!, 'not mine')).rejects.toMatchObject({ code: 'forbidden' })
    expect(texts(bobs)[0]).toBe('hello')

    await bobs.react(bobs.messages[0]!, '👍')
    await eventually(() => adas.messages[0]!.reactions).toEqual([{ emoji: '👍', count: 1, users: [people.bob.id] }])
    await bobs.react(bobs.messages[0]!, null)
    await eventually(() => adas.messages[0]!.reactions).toEqual([])

    await adas.pin(first)
    await adas.pin(second)
    await eventually(() => bobs.messages.filter(({ pinnedAt }) => pinnedAt).length).toBe(2)
    expect((await bobs.pins()).map(({ text }) => text)).toEqual(['second', 'hello'])
    await bobs.pin(bobs.messages[1]!, false)
    await eventually(() => adas.messages[1]!.pinnedAt).toBeNull()

    await bobs.star(bobs.messages[0]!)
    await bobs.star(bobs.messages[1]!)
    expect(adas.messages[0]!.starred).toBe(false)
    const { found, next } = await bob.starred({ limit: 1 })
    expect(found.map(({ conversation, message }) => [conversation === bobs, message.text])).toEqual([[true, 'second']])
    expect((await bob.starred({ before: next! })).found.map(({ message }) => message.text)).toEqual(['hello'])

    await bobs.delete(bobs.messages[1]!, 'me')
    expect(texts(bobs)).toEqual(['hello'])
    expect(texts(adas)).toEqual(['hello', 'second'])
    await eventually(() => bob.conversations[0]!.last?.text).toBe('hello')
    await adas.delete(first, 'all')
    await eventually(() => bobs.messages.map(({ deleted, text }) => `${deleted}${text}`)).toEqual(['true'])
    const late = connect('bob')
    late.with(people.ada.id).open()
    await eventually(() => late.with(people.ada.id).messages.map(({ deleted, text }) => `${deleted}${text}`)).toEqual(['true'])
  })

  test('an answer quotes, a forward copies, a mention names; what cannot be is refused', async () => {
    const first = await adas.send('what time?').stored
    await eventually(() => bobs.messages.length).toBe(1)
    const answer = bobs.send('at eight', { replyTo: first.id!, mentions: [people.ada.id] })
    expect(newest(bobs).quote).toEqual({ id: first.id, fromUser: people.ada.id, text: 'what time?' })
    expect(await answer.stored).toMatchObject({ replyTo: first.id, quote: { text: 'what time?' } })
    await eventually(() => adas.messages.length).toBe(2)
    expect(newest(adas)).toMatchObject({ quote: { id: first.id, fromUser: people.ada.id, text: 'what time?' }, mentions: [people.ada.id] })
    await adas.edit(first, 'when?')
    await eventually(() => texts(bobs)[0]).toBe('when?')
    expect(newest(bobs).quote!.text).toBe('what time?')

    const eve = connect('eve')
    eve.with(people.bob.id).open()
    const copy = bob.with(people.eve.id).forward(bobs.messages[0]!)
    expect(copy).toMatchObject({ text: 'when?', forwarded: true, state: 'sending' })
    await copy.stored
    await eventually(() => eve.with(people.bob.id).messages.map(({ text, forwarded }) => `${text} ${forwarded}`)).toEqual(['when? true'])
    await expect(eve.with(people.bob.id).forward(first).stored).rejects.toMatchObject({ code: 'not_found' })
    await expect(eve.with(people.bob.id).send('x', { replyTo: first.id! }).stored).rejects.toMatchObject({ code: 'not_found' })
    await expect(bobs.send('x', { mentions: [people.eve.id] }).stored).rejects.toMatchObject({ code: 'invalid' })
  })

  test('messages disappear after the time that was set', async () => {
    await adas.send('stays').stored
    await adas.disappear(3_600)
    await eventually(() => bobs.disappearS).toBe(3_600)
    await eventually(() => kinds(bobs)).toEqual(['stays', 'disappear'])
    const brief = await bobs.send('brief').stored
    await eventually(() => newest(adas).text).toBe('brief')
    expect(Date.parse(newest(adas).expiresAt!) - Date.parse(brief.createdAt)).toBe(3_600_000)
    await expect(adas.disappear(5)).rejects.toMatchObject({ code: 'invalid' })
    await adas.disappear(0)
    await eventually(() => bobs.disappearS).toBe(0)
  })

  test('a draft is on the account’s other device, and gone when it is sent', async () => {
    await adas.send('hello').stored
    const other = connect('ada')
    await online(other)
    adas.setDraft('I think')
    await eventually(() => other.with(people.bob.id).draft).toEqual({ text: 'I think', replyTo: null })
    expect(bobs.draft).toBeNull()
    const late = connect('ada')
    await eventually(() => late.with(people.bob.id).draft?.text).toBe('I think')
    adas.send('I think')
    await eventually(() => other.with(people.bob.id).draft).toBeNull()
  })

  test('a group is made, named, written in, joined by its link, managed and left', async () => {
    const eve = connect('eve')
    const trip = await ada.createGroup({ name: 'Trip', members: [people.bob.id] })
    await eventually(() => trip.name).toBe('Trip')
    expect(trip).toMatchObject({ kind: 'group', role: 'owner', memberCount: 2 })
    await eventually(() => bob.conversations.map(({ name }) => name)).toContain('Trip')
    const bobsTrip = bob.conversations.find(({ name }) => name === 'Trip')!
    bobsTrip.open()
    trip.open()
    await trip.send('where to?', { mentions: [people.bob.id] }).stored
    await eventually(() => kinds(bobsTrip).at(-1)).toBe('where to?')
    expect(newest(bobsTrip)).toMatchObject({ mine: false, fromUser: people.ada.id, mentions: [people.bob.id] })
    await bobsTrip.send('Rome').stored
    await eventually(() => newest(trip).text).toBe('Rome')

    await expect(bobsTrip.update({ name: 'Mine' })).rejects.toMatchObject({ code: 'forbidden' })
    await trip.update({ name: 'Rome' })
    await eventually(() => bobsTrip.name).toBe('Rome')
    const { code } = await trip.link()
    const joined = await eve.join(code)
    await eventually(() => joined.name).toBe('Rome')
    await trip.setRole(people.eve.id, 'admin')
    await eventually(() => joined.role).toBe('admin')
    const { members } = await trip.members()
    expect(members.map(({ user, role }) => `${user.id} ${role}`).sort()).toEqual(
      [`${people.ada.id} owner`, `${people.bob.id} member`, `${people.eve.id} admin`].sort(),
    )
    await joined.removeMember(people.bob.id)
    await eventually(() => bob.conversations.map(({ name }) => name)).not.toContain('Rome')
    await trip.addMembers([people.bob.id])
    await eventually(() => bob.conversations.map(({ name }) => name)).toContain('Rome')
    await joined.leave()
    await eventually(() => eve.conversations).toEqual([])
    await trip.revokeLink()
    await expect(eve.join(code)).rejects.toMatchObject({ code: 'not_found' })
    await eventually(() => trip.messages.map(({ system }) => system?.kind).filter(Boolean)).toContain('left')
  })

  test('a file is uploaded, seen by the other side and fetched', async () => {
    const bytes = 'x'.repeat(700_000)
    const seen: number[] = []
    adas.on('message', ({ attachments: [one] }) => one?.progress !== undefined && seen.push(one.progress))
    const sent = adas.send('notes', { files: [{ file: new Blob([bytes], { type: 'text/plain' }), name: 'notes.txt' }] })
    adas.send('after it')
    expect((await sent.stored).attachments).toMatchObject([{ name: 'notes.txt' }])
    await eventually(() => texts(bobs)).toEqual(['notes', 'after it'])
    const [file] = bobs.messages[0]!.attachments
    expect(file).toMatchObject({ kind: 'file', name: 'notes.txt', size: 700_000 })
    expect(await (await fetch(file!.url!)).text()).toBe(bytes)
    const { url } = await bobs.fresh(file!)
    expect((await (await fetch(url!)).text()).length).toBe(700_000)
    expect(seen.at(-1)).toBe(1)
    const copy = await bob.with(people.eve.id).forward(bobs.messages[0]!).stored
    expect(copy.attachments).toMatchObject([{ name: 'notes.txt', size: 700_000 }])
  })

  test('what was written is found again', async () => {
    await adas.send('pasta tonight').stored
    await adas.send('pizza tomorrow').stored
    const found = async (query: Parameters<Chat['search']>[0]) =>
      (await bob.search(query)).found.map(({ conversation, message }) => `${conversation === bobs} ${message.text}`)
    await expect.poll(() => found({ text: 'past' }), { timeout: 15_000 }).toEqual(['true pasta tonight'])
    expect(await found({ text: 'pizza', from: people.bob.id })).toEqual([])
    const { found: first, next } = await bob.search({ text: '', from: people.ada.id, limit: 1 })
    expect(first.map(({ message }) => message.text)).toEqual(['pizza tomorrow'])
    expect(await found({ text: '', from: people.ada.id, limit: 1, cursor: next! })).toEqual(['true pasta tonight'])
  })

  test('somebody who was watched before there was a chat is seen online once there is one', async () => {
    ada.watch([people.bob.id])
    // The server is asked after a twentieth of a second, and tells nothing of a stranger.
    await new Promise((done) => setTimeout(done, 300))
    expect(ada.presence(people.bob.id)?.online ?? false).toBe(false)
    await adas.send('hello').stored
    await eventually(() => ada.presence(people.bob.id)?.online).toBe(true)
  })

  test('who writes and who is online is seen, but for what is hidden', async () => {
    await adas.send('hello').stored
    await bobs.send('hi').stored
    const stop = ada.watch([people.bob.id])
    await eventually(() => ada.presence(people.bob.id)?.online).toBe(true)
    stop()
    // A poll brings no hints; they are told over it all the same.
    const seen = transport === 'poll' ? connect('ada') : ada
    if (transport !== 'poll') {
      bobs.setTyping()
      await eventually(() => seen.with(people.bob.id).typing).toEqual([people.bob.id])
      await bobs.send('done').stored
      await eventually(() => seen.with(people.bob.id).typing).toEqual([])
    }
    const other = connect('bob')
    await online(other)
    expect(await other.loadPrivacy()).toEqual({ receipts: true, online: true, lastSeen: true, typing: true })
    await bob.setPrivacy({ receipts: false })
    await eventually(() => other.privacy?.receipts).toBe(false)
    await adas.send('unread for you').stored
    await eventually(() => newest(bobs).text).toBe('unread for you')
    bobs.markRead()
    await bob.setPrivacy({ receipts: true })
    await eventually(() => other.privacy?.receipts).toBe(true)
  })

  test('a chat is muted until a time, for ever, and not; both devices know', async () => {
    await adas.send('hello').stored
    await eventually(() => bob.conversations.length).toBe(1)
    const other = connect('bob')
    const theirs = other.with(people.ada.id)
    const until = new Date(Date.now() + 3_600_000)
    await bobs.mute(until)
    await eventually(() => theirs.muted && Math.abs(Date.parse(theirs.mutedUntil ?? '') - until.getTime()) < 1_000).toBe(true)
    await bobs.mute('always')
    await eventually(() => [theirs.muted, theirs.mutedUntil]).toEqual([true, null])
    await bobs.mute(null)
    await eventually(() => theirs.muted).toBe(false)
  })
})

test('a stranger asks, and is accepted', async () => {
  const careful = await RealServer.start('--requests', 'on')
  const [ada, bob] = [await careful.person('ada'), await careful.person('bob')]
  const [here, there] = [connectChat(careful.url, ada.token, ways[0]![1]), connectChat(careful.url, bob.token, ways[0]![1])]
  try {
    await here.with(bob.id).send('may I?').stored
    const asked = there.with(ada.id)
    await eventually(() => asked.request).toBe(true)
    expect(asked.unread).toBe(0)
    await asked.accept()
    await eventually(() => asked.request).toBe(false)
    await asked.send('yes').stored
    await eventually(() => here.with(bob.id).last?.text).toBe('yes')
  } finally {
    here.close()
    there.close()
    await careful.stop()
  }
})
