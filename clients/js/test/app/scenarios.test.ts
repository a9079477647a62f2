import { afterAll, beforeAll, describe, test } from 'vitest'
import { Pair, ways } from './people.js'
import { scenarios } from './scenarios.js'
import { type BrowserName, Machine } from './screen.js'
import { Stage } from './stage.js'

const couples: readonly (readonly [BrowserName, BrowserName])[] = [
  ['chromium', 'firefox'],
  ['firefox', 'chromium'],
]

let stage: Stage
const machines = {} as Record<BrowserName, Machine>
beforeAll(async () => {
  stage = await Stage.set()
  for (const name of ['chromium', 'firefox'] as const) machines[name] = await Machine.start(name)
}, 180_000)
afterAll(async () => {
  await machines.chromium?.close()
  await machines.firefox?.close()
  await stage?.strike()
})

let meetings = 0
describe.each(couples)('in %s, with somebody in %s', (first, second) => {
  describe.each(ways)('behind nginx %s', (way) => {
    let pair: Pair
    beforeAll(async () => {
      pair = await Pair.meet(stage, machines[first], machines[second], way, String(++meetings))
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
