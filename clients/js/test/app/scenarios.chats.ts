import { expect } from 'vitest'
import type { Scenario } from './scenarios.js'
import { scrollUp } from './scrolling.js'

/** What people do with a whole chat; comes after what they do with its messages. */
export const chatScenarios: Record<string, Scenario> = {
  'a chat is muted and sounds again': async (pair) => {
    const { ada } = pair
    await pair.middle(async () => {
      await pair.more(ada, 'Mute')
      await ada.screen.click({ name: 'For 8 hours', role: 'button' })
      await ada.screen.has('Muted', 'img')
    })
    await pair.more(ada, 'Unmute')
    await ada.screen.hasNot('Muted', 'img')
  },

  'who is blocked cannot write; the message that failed goes out by "Try again" when he may': async (pair) => {
    const { ada, bob } = pair
    const block = async () => {
      await pair.more(ada, 'Block')
      await ada.screen.click({ name: 'Block', role: 'button' })
    }
    // A block does not wait for a network: it holds, or it is said that it does not.
    if (pair.way === 'cut in the middle') {
      await pair.middle(async () => {
        await block()
        await ada.screen.sees('That did not work')
      })
      await ada.screen.lost('Offline')
      await ada.screen.lost('That did not work')
      expect(await ada.screen.text()).not.toContain('You blocked')
    }
    await block()
    await ada.screen.sees(`You blocked ${bob.name}`)
    await bob.screen.say('are you there?')
    await bob.screen.sees('Not sent')
    await pair.more(ada, 'Unblock')
    await ada.screen.has('Message to', 'field')
    await bob.screen.click({ name: 'Try again', in: 'are you there?' })
    await ada.screen.sees('are you there?')
    await bob.screen.lost('Not sent')
  },

  'somebody is reported': async (pair) => {
    const { ada } = pair
    await pair.more(ada, 'Report')
    await ada.screen.click({ name: 'Spam', role: 'radio' })
    await ada.screen.fill('What is wrong?', 'sells things')
    await pair.middle(() => ada.screen.click({ name: 'Report', role: 'button' }))
    await ada.screen.sees('Thank you.')
  },

  'what was begun is still there after another chat and after a reload': async (pair) => {
    const { ada, bob } = pair
    await ada.screen.write('I wanted to say')
    await ada.screen.click({ name: 'Climbing', role: 'link' })
    await ada.screen.has('Message to Climbing', 'field')
    await ada.screen.sees('Draft: I wanted to say')
    await ada.screen.page.reload()
    await ada.screen.click({ name: bob.name, role: 'link' })
    await ada.screen.until('the draft', async () => (await ada.screen.value(`Message to ${bob.name}`)) === 'I wanted to say')
    await ada.screen.fill('Message to', '')
  },

  'what is unread begins below a line': async (pair) => {
    const { ada, bob } = pair
    await bob.screen.click('Back to the chats')
    await pair.middle(async () => {
      for (const text of ['first new', 'second new', 'third new']) await ada.screen.say(text)
    })
    await bob.screen.has('3 unread messages', 'img')
    await bob.screen.click({ name: 'third new', role: 'link' })
    await bob.screen.sees('New messages')
    await bob.screen.sees('first new')
    expect(await bob.screen.text()).toMatch(/New messages[\s\S]*first new[\s\S]*second new[\s\S]*third new/)
  },

  'older messages come in above without a jump; the button leads to the newest and counts': async (pair) => {
    const { ada, bob } = pair
    await pair.post(bob, ada, ...Array.from({ length: 120 }, (_, i) => `line ${i + 1}\n${'and more of it '.repeat(i % 7)}`))
    await ada.screen.page.reload()
    await ada.screen.has('line 120', 'listitem')
    const jump = await ada.screen.page.evaluate(scrollUp, undefined)
    expect(jump).toBeLessThanOrEqual(4)
    await ada.screen.has('Jump to newest')
    await pair.post(bob, ada, 'far below')
    await ada.screen.click('Jump to newest, 1 new message')
    await ada.screen.sees('far below')
    await ada.screen.hasNot('Jump to newest')
  },

  'messages disappear when they are told to, from the page too': async (pair) => {
    const { ada, bob } = pair
    await pair.middle(async () => {
      await pair.more(ada, 'Disappearing messages')
      await ada.screen.click({ name: '1 hour', role: 'radio' })
    })
    await bob.screen.sees('made new messages disappear after 1 hour')
    await ada.screen.say('gone in an hour')
    await bob.screen.has('gone in an hour', 'listitem')
    // An hour later, by the clock of this page.
    await bob.screen.page.evaluate(() => {
      const now = Date.now.bind(Date)
      Date.now = () => now() + 3_700_000
    }, undefined)
    await ada.screen.say('and this')
    await bob.screen.hasNot('gone in an hour', 'listitem')
    await ada.screen.has('gone in an hour', 'listitem')
    await bob.screen.page.reload()
    await pair.more(ada, 'Disappearing messages')
    await ada.screen.click({ name: 'Off', role: 'radio' })
    await bob.screen.sees('turned disappearing messages off')
  },

  'Arabic runs from the right': async (pair) => {
    const { ada } = pair
    await ada.screen.click('Settings')
    await ada.screen.click({ name: 'العربية', role: 'radio' })
    await ada.screen.until('a page from right to left', () => ada.screen.page.evaluate(() => document.documentElement.dir === 'rtl', undefined))
    await ada.screen.press('Escape')
    const places = await ada.screen.page.evaluate(() => {
      const of = (selector: string) => document.querySelector(selector)!.getBoundingClientRect()
      return { list: of('[role="navigation"]').left, box: of('textarea').left }
    }, undefined)
    expect(places.list).toBeGreaterThan(places.box)
    await ada.screen.page.evaluate(() => document.querySelector('textarea')!.focus(), undefined)
    await ada.screen.type('مرحبا بك')
    await ada.screen.press('Enter')
    await pair.bob.screen.sees('مرحبا بك')
    expect(
      await pair.bob.screen.page.evaluate(
        () => [...document.querySelectorAll('[dir="rtl"]')].some((one) => one.textContent === 'مرحبا بك'),
        undefined,
      ),
    ).toBe(true)
    await ada.screen.page.evaluate(() => localStorage.setItem('tieline-app:language', 'en'), undefined)
    await ada.screen.page.reload()
    await ada.screen.has('Message to', 'field')
    // The line above moves all that is below it: who clicks while it comes misses.
    if (pair.way === 'without the upgrade rule') await ada.screen.sees('slower updates')
  },

  'a chat is cleared for one and kept by the other': async (pair) => {
    const { ada, bob } = pair
    await ada.screen.sees('مرحبا بك')
    await pair.more(ada, 'Clear chat')
    await ada.screen.click({ name: 'Clear chat', role: 'button' })
    await ada.screen.sees('Say hello to')
    await bob.screen.sees('مرحبا بك')
    await ada.screen.say('a new beginning')
    await bob.screen.sees('a new beginning')
    await ada.screen.lost('مرحبا بك')
  },

  'without a server the list and the chat open from this device, and a message waits': async ({ ada, bob }) => {
    await ada.screen.until('the shell kept', () =>
      ada.screen.page.evaluate(
        async () => !!(await navigator.serviceWorker.ready).active && (await caches.keys()).some((name) => name.startsWith('tieline-')),
        undefined,
      ),
    )
    await ada.screen.until('the chat kept', () =>
      ada.screen.page.evaluate(() => {
        const { rows, chats } = JSON.parse(localStorage.getItem('tieline-app:cache') ?? '{}')
        const fresh = (text: unknown) => JSON.stringify(text).includes('a new beginning')
        return fresh(rows) && fresh(chats)
      }, undefined),
    )
    await ada.gate.cut()
    await ada.screen.page.reload()
    await ada.screen.sees('a new beginning')
    await ada.screen.has('Climbing', 'link')
    await ada.screen.sees('Offline')
    await ada.screen.say('written on the train')
    await ada.screen.sees('Waiting for the connection')
    await ada.gate.up()
    await bob.screen.sees('written on the train')
    await ada.screen.lost('Offline')
  },
}
