import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserNames } from '../browser/browsers.js'
import { Pair, ways } from './people.js'
import { Machine } from './screen.js'
import { scrollUpTo } from './scrolling.js'
import { Stage } from './stage.js'

const MESSAGES = 540

describe.each(browserNames)('who scrolls far up in %s', (name) => {
  let stage: Stage
  let machine: Machine
  beforeAll(async () => {
    stage = await Stage.set('--sends-per-s', '0')
    machine = await Machine.start(name)
  }, 180_000)
  afterAll(async () => {
    await machine?.close()
    await stage?.strike()
  })

  test.each(ways.slice(0, 2))(
    'gets older messages as fast as they are wanted, and nothing jumps: behind nginx %s',
    { timeout: 120_000 },
    async (way) => {
      const pair = await Pair.meet(stage, machine, machine, way, `${ways.indexOf(way)}`)
      const { ada, bob } = pair
      await bob.screen.page.close()
      for (let sent = 1; sent <= MESSAGES; sent += 20)
        await pair.post(bob, ada, ...Array.from({ length: 20 }, (_, i) => `line ${sent + i}.\n${'and more of it '.repeat((sent * 7 + i) % 11)}`))
      await ada.screen.page.reload()
      await ada.screen.has(`line ${MESSAGES}.`, 'listitem')
      const journey = await ada.screen.page.evaluate(scrollUpTo, { text: 'line 1.', step: 180 })
      expect(journey.jump).toBeLessThanOrEqual(4)
      expect(journey.waited).toBeLessThan(1_500)
      expect(journey.ms).toBeLessThan(40_000)
      await ada.screen.sees('The beginning of this chat')
      await ada.screen.click('Jump to newest')
      await ada.screen.has(`line ${MESSAGES}.`, 'listitem')
      await pair.part()
    },
  )
})
