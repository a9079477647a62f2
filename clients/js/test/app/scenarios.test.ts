import { afterAll, beforeAll, describe, test } from 'vitest'
import { house } from './house.js'
import { Pair, ways } from './people.js'
import { scenarios } from './scenarios.js'
import type { BrowserName } from './screen.js'

const couples: readonly (readonly [BrowserName, BrowserName])[] = [
  ['chromium', 'firefox'],
  ['firefox', 'chromium'],
]

const there = house()

let meetings = 0
describe.each(couples)('in %s, with somebody in %s', (first, second) => {
  describe.each(ways)('behind nginx %s', (way) => {
    let pair: Pair
    beforeAll(async () => {
      pair = await Pair.meet(there.stage, there.machines[first], there.machines[second], way, String(++meetings))
    }, 120_000)
    afterAll(() => pair?.part())

    test.each(Object.keys(scenarios))('%s', { timeout: 90_000 }, async (name) => {
      try {
        await scenarios[name]!(pair)
      } catch (error) {
        // The next one begins where it would have begun.
        await pair.again().catch(() => {})
        throw error
      }
    })
  })
})
