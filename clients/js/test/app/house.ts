import { afterAll, beforeAll } from 'vitest'
import { type BrowserName, Machine } from './screen.js'
import { Stage } from './stage.js'

/** A server with these settings and a browser of each kind, for all tests of the file that calls this; there from its first test on. */
export function house(...settings: string[]) {
  const machines = {} as Record<BrowserName, Machine>
  const there = { machines } as { readonly machines: typeof machines; stage: Stage }
  beforeAll(async () => {
    there.stage = await Stage.set(...settings)
    for (const name of ['chromium', 'firefox'] as const) machines[name] = await Machine.start(name)
  }, 180_000)
  afterAll(async () => {
    await machines.chromium?.close()
    await machines.firefox?.close()
    await there.stage?.strike()
  })
  return there
}
