import { describe, expect, test } from 'vitest'
import { house } from './house.js'
import { Pair, type Way } from './people.js'
import type { BrowserName } from './screen.js'

const meetings: readonly (readonly [BrowserName, BrowserName, Way])[] = [
  ['chromium', 'firefox', 'with the upgrade rule'],
  ['firefox', 'chromium', 'without the upgrade rule'],
  ['firefox', 'chromium', 'cut in the middle'],
]

const there = house('--requests', 'on')

describe('a stranger writes', () => {
  test.each(meetings)(
    'to somebody in %s, from %s, %s: who reads it is not seen until it is accepted',
    { timeout: 120_000 },
    async (first, second, way) => {
      const pair = await Pair.meet(
        there.stage,
        there.machines[first],
        there.machines[second],
        way,
        `s${meetings.findIndex(([one, , which]) => one === first && which === way)}`,
      )
      const { ada, bob } = pair
      await bob.screen.say('hello, you do not know me')
      await ada.screen.sees('hello, you do not know me')
      await ada.screen.sees(`${bob.name} is not in your chats yet`)
      expect(await ada.screen.count({ name: 'unread message', role: 'img' })).toBe(0)
      await bob.screen.has('hello, you do not know me. Sent', 'listitem')
      await pair.middle(() => ada.screen.click({ name: 'Accept', role: 'button' }))
      await ada.screen.lost('is not in your chats yet')
      await bob.screen.has('hello, you do not know me. Read', 'listitem')
      await ada.screen.say('now I do')
      await bob.screen.sees('now I do')
      await pair.part()
    },
  )

  test('and is blocked: the chat says so, and nothing more comes in', { timeout: 90_000 }, async () => {
    const pair = await Pair.meet(there.stage, there.machines.chromium, there.machines.firefox, 'with the upgrade rule', 'x')
    const { ada, bob } = pair
    await bob.screen.say('buy this')
    await ada.screen.sees('buy this')
    await ada.screen.click({ name: 'Block', role: 'button' })
    await ada.screen.sees(`You blocked ${bob.name}`)
    await bob.screen.say('and that')
    await bob.screen.sees('Not sent')
    expect(await ada.screen.text()).not.toContain('and that')
    await pair.part()
  })
})
