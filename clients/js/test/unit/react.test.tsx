// @vitest-environment jsdom
import { createRequire } from 'node:module'
import { join } from 'node:path'
import * as React19 from 'react'
import { createRoot as createRoot19 } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { after, connect, Net } from './net.js'

const require18 = createRequire(join(process.cwd(), 'test/react18/package.json'))
type React = typeof React19

beforeEach(() => {
  vi.useFakeTimers()
  vi.resetModules()
  ;(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true
})
afterEach(() => {
  vi.doUnmock('react')
  vi.useRealTimers()
})

/** The hooks on one of the two Reacts. */
async function hooksOn(version: string) {
  const React: React = version === '18' ? (require18('react') as React) : React19
  const createRoot = version === '18' ? (require18('react-dom/client') as { createRoot: typeof createRoot19 }).createRoot : createRoot19
  if (version === '18') vi.doMock('react', () => ({ ...React, default: React }))
  const hooks = await import('../../packages/react/src/index.js')
  const net = new Net()
  const { useConversation, useConversations, useConnection, ChatProvider } = hooks
  const { createElement: h, StrictMode, act } = React

  function Room() {
    const { messages, send, unread } = useConversation('bob')
    const { state, banner } = useConnection()
    const list = useConversations()
    return h(
      'main',
      null,
      h('p', { id: 'state' }, `${state} ${banner ? 'banner' : ''}`),
      h('p', { id: 'list' }, list.map(({ id }) => id).join()),
      h('p', { id: 'unread' }, unread),
      h(
        'ul',
        null,
        messages.map(({ clientId, text, state: sent }) => h('li', { key: clientId }, `${text} ${sent}`)),
      ),
      h('button', { onClick: () => send('hello'), type: 'button' }),
    )
  }

  const host = document.createElement('div')
  document.body.replaceChildren(host)
  const mounted = createRoot(host)
  const made: ReturnType<typeof connect>['chat'][] = []
  const make = () => {
    const { chat } = connect(net)
    made.push(chat)
    return chat
  }
  const tree = (on: boolean) =>
    h(StrictMode, null, on ? h(ChatProvider, { url: 'https://chat.test', token: 'ada', account: `v${version}`, connect: make }, h(Room)) : null)
  const pass = (ms: number) => act(async () => void (await after(ms)))
  return {
    net,
    made,
    render: (on: boolean) => act(async () => mounted.render(tree(on))),
    pass,
    text: (selector: string) => host.querySelector(selector)?.textContent ?? '',
    items: () => [...host.querySelectorAll('li')].map((item) => item.textContent),
    click: () => act(async () => host.querySelector('button')!.click()),
  }
}

describe.each(['18', '19'])('React %s', (version) => {
  test("StrictMode's double mount opens one socket, and it closes a second after the last user", async () => {
    const { net, made, render, pass, text } = await hooksOn(version)
    await render(true)
    await pass(500)
    expect(made.length).toBe(1)
    expect(net.sockets.length).toBe(1)
    expect(text('#state')).toBe('online ')
    await render(false)
    await pass(500)
    await render(true)
    await pass(2_000)
    expect(made.length).toBe(1)
    expect(net.open.length).toBe(1)
    await render(false)
    await pass(1_100)
    expect(net.open.length).toBe(0)
  })

  test('who signs out and in again at once gets a client of his own, and not the one that has ended', async () => {
    const { net, made, render, pass, text } = await hooksOn(version)
    await render(true)
    await pass(50)
    const before = made.at(-1)!
    await render(false)
    void before.signOut()
    await render(true)
    await pass(50)

    expect(made.at(-1)).not.toBe(before)
    expect(text('#state').trim()).toBe('online')
    await pass(2_000)
    expect(made.at(-1)!.ended).toBe(false)
    expect(net.open.length).toBe(1)
  })

  test('history, sent and live messages are rendered, and the list and unread with them', async () => {
    const { net, render, pass, text, items, click } = await hooksOn(version)
    net.backend.write('bob', 'ada', 'old')
    await render(true)
    await pass(500)
    expect(items()).toEqual(['old sent'])
    await click()
    expect(items()).toEqual(['old sent', 'hello sending'])
    await pass(500)
    net.backend.write('bob', 'ada', 'new')
    await pass(500)
    expect(items()).toEqual(['old sent', 'hello sent', 'new sent'])
    expect(text('#list')).toBe('bob')
    expect(text('#unread')).toBe('1')
    await render(false)
    await pass(1_100)
  })

  test('the banner waits two seconds', async () => {
    const { net, render, pass, text } = await hooksOn(version)
    net.socketMode = 'refuse'
    net.request = () => 'fail'
    await render(true)
    await pass(1_000)
    expect(text('#state')).not.toContain('banner')
    await pass(1_500)
    expect(text('#state')).toContain('banner')
    await render(false)
    await pass(1_100)
  })
})

test('on a server nothing is opened and nothing is shown', async () => {
  const { renderToString } = await import('react-dom/server')
  const { ChatProvider, useConversation, useConversations, useConnection } = await import('../../packages/react/src/index.js')
  const browser = globalThis.document
  vi.stubGlobal('document', undefined)
  const connectSpy = vi.fn()
  function Room() {
    return React19.createElement('p', null, `${useConversation('bob').messages.length}${useConversations().length}${useConnection().state}`)
  }
  const html = renderToString(
    React19.createElement(ChatProvider, { url: 'https://chat.test', token: 'x', connect: connectSpy }, React19.createElement(Room)),
  )
  vi.stubGlobal('document', browser)
  vi.unstubAllGlobals()
  expect(html).toBe('<p>00connecting</p>')
  expect(connectSpy).not.toHaveBeenCalled()
})
