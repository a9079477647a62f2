// @vitest-environment jsdom
import { act, createElement as h } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connectChat } from '../../packages/client/src/core.js'
import { ChatProvider as CoreProvider, useConnection, useThread, useThreads } from '../../packages/react/src/core.js'
import { ChatProvider, useConversation, useConversations, useSearch } from '../../packages/react/src/index.js'
import { after, connect, Net } from './net.js'

let net: Net
let host: HTMLElement
beforeEach(() => {
  vi.useFakeTimers()
  ;(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true
  net = new Net()
  host = document.createElement('div')
})
afterEach(() => vi.useRealTimers())

const pass = (ms: number) => act(async () => void (await after(ms)))
const text = () => host.textContent

test('a chat shows typing, presence, drafts and what is done to a message', async () => {
  const { chat } = connect(net, 'ada')
  const bob = connect(net, 'bob').chat
  let view: ReturnType<typeof useConversation> | undefined
  function Room() {
    view = useConversation('bob')
    const list = useConversations()
    const { messages, typing, presence, draft } = view
    const said = messages.map((message) => `${message.text}${message.reactions.map(({ emoji }) => emoji).join('')}`)
    return h('p', null, `${said} | ${typing} | ${presence?.online ?? '?'} | ${draft?.text ?? ''} | ${list.map(({ id }) => id)}`)
  }
  const root = createRoot(host)
  await act(async () => root.render(h(ChatProvider, { chat }, h(Room))))
  await pass(200)
  await act(async () => void view!.send('hello'))
  await pass(200)
  expect(text()).toBe('hello |  | true |  | bob')
  await act(async () => {
    void view!.react(view!.messages[0]!, '👍')
    view!.setDraft('and')
    bob.with('ada').setTyping()
  })
  await pass(200)
  expect(text()).toBe('hello👍 | bob | true | and | bob')
  await act(async () => {
    const [message] = view!.messages
    void view!.disappear(3_600)
    view!.send('yes', { replyTo: message!.id!, mentions: ['bob'] })
    view!.forward(message!)
  })
  await pass(200)
  const [, , answer, copy] = view!.messages
  expect(answer).toMatchObject({ text: 'yes', quote: { fromUser: 'ada', text: 'hello' }, mentions: ['bob'] })
  expect(answer!.expiresAt).not.toBeNull()
  expect(copy).toMatchObject({ text: 'hello', forwarded: true })
  expect(view!.disappearS).toBe(3_600)
  await act(async () => root.unmount())
  chat.close()
  bob.close()
})

test('what is typed is searched for when it rests, and an answer to an older word is nobody’s', async () => {
  const { chat } = connect(net, 'ada')
  net.backend.write('bob', 'ada', 'pasta tonight')
  net.backend.write('bob', 'ada', 'pizza tomorrow')
  function Found({ words }: { words: string }) {
    const { found, loading } = useSearch(words)
    return h('p', null, `${loading} ${found.map(({ message }) => message.text)}`)
  }
  const root = createRoot(host)
  const render = (words: string) => act(async () => root.render(h(ChatProvider, { chat }, h(Found, { words }))))
  await render('pas')
  await pass(100)
  await render('piz')
  await pass(500)
  expect(text()).toBe('false pizza tomorrow')
  expect(net.requests.filter((request) => request.includes('/search')).length).toBe(1)
  await render('')
  expect(text()).toBe('false ')
  await act(async () => root.unmount())
  chat.close()
})

test('the hooks of the small client show messages, chats and the state', async () => {
  const chat = connectChat('https://chat.test', 'ada', { fetch: net.fetch, WebSocket: net.WebSocket as never })
  net.backend.write('bob', 'ada', 'old')
  let send: (text: string) => unknown = () => {}
  function Room() {
    const view = useThread('bob')
    send = view.send
    return h('p', null, `${view.messages.map((message) => `${message.text} ${message.state}`)} | ${useThreads().length} | ${useConnection().state}`)
  }
  const root = createRoot(host)
  await act(async () => root.render(h(CoreProvider, { chat }, h(Room))))
  await pass(300)
  expect(text()).toBe('old sent | 1 | online')
  await act(async () => void send('new'))
  expect(text()).toBe('old sent,new sending | 1 | online')
  await pass(300)
  expect(text()).toBe('old sent,new sent | 1 | online')
  await act(async () => root.unmount())
  chat.close()
})
