import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Machine, type Screen } from './screen.js'
import { type Gate, Stage } from './stage.js'
import { peopled, stops, type World } from './tour.js'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds on the page as it is now. */
async function violations(screen: Screen): Promise<string[]> {
  await screen.page.evaluate((script) => {
    if (!('axe' in globalThis)) new Function(script)()
  }, axe)
  return screen.page.evaluate(async () => {
    type Axe = { run(options: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> }
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run({ rules: { 'label-content-name-mismatch': { enabled: false } } })
    // The modal of react-native-web says aria-modal on a plain element around the dialog. Initials on a face are no label.
    const ours = violations
      .map(({ id, nodes }) => ({ id, nodes: nodes.filter(({ html }) => !id.startsWith('aria-') || !html.startsWith('<div aria-modal="true"')) }))
      .filter(({ nodes }) => nodes.length)
    return ours.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} (${failureSummary?.slice(0, 300)})`).join(' | ')}`,
    )
  }, undefined)
}

describe('axe finds nothing on any screen', () => {
  let stage: Stage
  let machine: Machine
  let gate: Gate
  let world: World
  beforeAll(async () => {
    stage = await Stage.set()
    machine = await Machine.start('chromium')
    gate = await stage.gate()
    world = await peopled(stage)
  }, 180_000)
  afterAll(async () => {
    await machine?.close()
    await gate?.cut()
    await stage?.strike()
  })

  test.each([
    ['light', 100],
    ['dark', 100],
    ['light', 200],
  ] as const)('in %s, text at %i%% of its size', { timeout: 300_000 }, async (scheme, percent) => {
    const found: Record<string, string[]> = {}
    const look = async (name: string, screen: Screen) => {
      const here = await violations(screen)
      if (percent > 100 && (await overflows(screen))) here.push('the page is wider than its window')
      if (here.length) found[name] = here
    }
    const screen = await machine.open({ width: percent > 100 ? 1280 : 1200, height: 900 }, { bypassCSP: true })
    await screen.dress({ scheme })
    await screen.page.goto(gate.url)
    await screen.has('Password', 'field')
    await enlarge(screen, percent)
    await look('sign in', screen)
    await screen.click('New here? Create an account')
    await look('sign up', screen)
    await screen.page.goto(`${gate.url}/chat#token=${world.me.token}`)
    await screen.has('Amina', 'link')
    await enlarge(screen, percent)
    for (const [name, go] of stops) {
      await go(screen)
      await screen.until('at rest', () =>
        screen.page.evaluate(() => document.getAnimations().every(({ playState }) => playState !== 'running'), undefined),
      )
      await look(name, screen)
    }
    await screen.page.close()
    expect(found).toEqual({})
  })
})

/** As the reader's own setting does. */
const enlarge = (screen: Screen, percent: number) =>
  screen.page.evaluate((percent) => void (document.documentElement.style.fontSize = `${percent}%`), percent)

const overflows = (screen: Screen) => screen.page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1, undefined)
