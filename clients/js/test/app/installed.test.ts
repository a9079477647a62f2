import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserNames, launch } from '../browser/browsers.js'
import { type Gate, Stage } from './stage.js'

const PATIENCE = { timeout: 30_000 }

/** The app as a browser keeps it: installed, without a network, and while nobody looks. */
describe.each(browserNames)('in %s', (name) => {
  let stage: Stage
  let gate: Gate
  let browser: Browser
  let close: () => Promise<void>
  let people: Record<'ada' | 'bob' | 'eve', { id: string; token: string }>
  beforeAll(async () => {
    stage = await Stage.set()
    gate = await stage.gate()
    ;({ browser, close } = await launch(name))
    people = {
      eve: await stage.server.person('eve', 'Eve'),
      ada: await stage.server.person('ada', 'Ada'),
      bob: await stage.server.person('bob', 'Bob'),
    }
    if (name === 'chromium') await browser.defaultBrowserContext().overridePermissions(gate.url, ['notifications'])
  }, 120_000)
  afterAll(async () => {
    await close?.()
    await gate?.cut()
    await stage?.strike()
  })

  /** Ada's list, with the shell kept. */
  const open = async (): Promise<Page> => {
    const page = await browser.newPage()
    await page.setViewport({ width: 1200, height: 800 })
    await page.goto(`${gate.url}/chat#token=${people.ada.token}`)
    await page.waitForSelector('[aria-label="New chat"]', PATIENCE)
    await page.evaluate(async () => void (await navigator.serviceWorker.ready))
    await expect.poll(() => page.evaluate(async () => (await caches.keys()).some((one) => one.startsWith('tieline-'))), PATIENCE).toBe(true)
    return page
  }
  const say = async (message: string, from = people.bob) => {
    const answer = await fetch(`${stage.server.url}/api/chat/messages`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${from.token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ client_id: crypto.randomUUID(), to: people.ada.id, message }),
    })
    expect(answer.status).toBeLessThan(300)
  }
  const notes = (page: Page) =>
    page.evaluate(async () => {
      const worker = await navigator.serviceWorker.ready
      return (await worker.getNotifications()).map(({ title, body }) => `${title}: ${body}`)
    })
  const says = (page: Page) => page.evaluate(() => document.body.innerText)

  test('a message to a page that nobody looks at is notified, once a chat; to one that somebody looks at never', { timeout: 120_000 }, async () => {
    const page = await open()
    expect(await page.evaluate(() => Notification.permission)).toBe('granted')
    await say('while you look')
    await expect.poll(() => says(page), PATIENCE).toContain('while you look')
    expect(await notes(page)).toEqual([])
    const other = await browser.newPage()
    await other.bringToFront()
    await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden')
    await say('while you are away')
    await expect.poll(() => notes(page), PATIENCE).toEqual(['Bob: while you are away'])
    await say('and still')
    await expect.poll(() => notes(page), PATIENCE).toEqual(['Bob: and still'])
    if (name === 'chromium') {
      // Nobody can click on what the system shows, so the worker is told that somebody has.
      const worker = await (await browser.waitForTarget((target) => target.type() === 'service_worker')).worker()
      await worker!.evaluate(async () => {
        const self = globalThis as unknown as {
          registration: ServiceWorkerRegistration
          NotificationEvent: new (type: string, init: { notification: Notification }) => Event
        }
        const [notification] = await self.registration.getNotifications()
        dispatchEvent(new self.NotificationEvent('notificationclick', { notification: notification! }))
      })
      await expect.poll(() => page.evaluate(() => location.pathname), PATIENCE).toBe(`/chat/${people.bob.id}`)
      await expect.poll(() => says(page), PATIENCE).toContain('while you are away')
      expect(await notes(page)).toEqual([])
    } else {
      await page.bringToFront()
      await expect.poll(() => notes(page), PATIENCE).toEqual([])
    }
    await other.close()
    await page.close()
  })

  test('the shell opens without a network at any address of the app, with the list and the chat as they were', { timeout: 120_000 }, async () => {
    const page = await open()
    await page.locator('[role="link"] ::-p-text(Bob)').click()
    await page.waitForSelector('[aria-label="Message to Bob"]', PATIENCE)
    await expect.poll(() => page.evaluate(() => localStorage.getItem('tieline-app:cache') ?? ''), PATIENCE).toContain('and still')
    await gate.cut()
    try {
      for (const path of [`/chat/${people.bob.id}`, '/chat', '/connection']) {
        await page.goto(gate.url + path)
        await expect.poll(() => says(page), PATIENCE).toContain(path === '/connection' ? 'Connection' : 'and still')
      }
      expect(await page.evaluate(() => fetch('/api/chat/test').then(String, () => 'no answer'))).toBe('no answer')
    } finally {
      await gate.up()
    }
    await page.close()
  })

  test('of two tabs one notifies, and neither while one of them is looked at', { timeout: 120_000 }, async () => {
    const tabs = [await open(), await open()] as const
    const [back, front] = tabs
    for (const tab of tabs)
      await tab.evaluate(() => {
        const page = globalThis as unknown as { told: number }
        page.told = 0
        const post = ServiceWorker.prototype.postMessage
        ServiceWorker.prototype.postMessage = function (this: ServiceWorker, ...given: unknown[]) {
          if ((given[0] as { type?: string }).type === 'notify') page.told++
          return (post as (...given: unknown[]) => void).apply(this, given)
        } as typeof post
      })
    const told = async () => {
      let sum = 0
      for (const tab of tabs) sum += await tab.evaluate(() => (globalThis as unknown as { told: number }).told)
      return sum
    }
    await front.bringToFront()
    await expect.poll(() => back.evaluate(() => document.visibilityState)).toBe('hidden')
    await say('you see this in one of them')
    for (const tab of tabs) await expect.poll(() => says(tab), PATIENCE).toContain('you see this in one of them')
    // Whoever has heard has asked for his turn, and has had it when this is answered.
    const turns = async () => {
      for (const tab of tabs) await tab.evaluate(() => navigator.locks.request('turn', () => {}))
    }
    await turns()
    const before = await told()
    const other = await browser.newPage()
    await other.bringToFront()
    for (const tab of tabs) await expect.poll(() => tab.evaluate(() => document.visibilityState)).toBe('hidden')
    await say('nobody sees this', people.eve)
    await expect.poll(() => notes(back), PATIENCE).toEqual(['Eve: nobody sees this'])
    for (const tab of tabs) await expect.poll(() => says(tab), PATIENCE).toContain('nobody sees this')
    await turns()
    expect((await told()) - before).toBe(1)
    expect(await notes(back)).toEqual(['Eve: nobody sees this'])
    await front.bringToFront()
    await expect.poll(() => notes(back), PATIENCE).toEqual([])
    for (const tab of [...tabs, other]) await tab.close()
  })

  // Firefox on a desktop installs nothing.
  if (name === 'chromium')
    test('the manifest is read without an error, and the app can be installed', { timeout: 60_000 }, async () => {
      const page = await open()
      const line = await page.createCDPSession()
      const { url, errors, data } = await line.send('Page.getAppManifest')
      expect(url).toBe(`${gate.url}/manifest.webmanifest`)
      expect(errors).toEqual([])
      const manifest = JSON.parse(data!) as { name: string; start_url: string; display: string; icons: { src: string; type: string }[] }
      expect(manifest).toMatchObject({ name: 'Tieline', start_url: '/chat', display: 'standalone' })
      for (const { src, type } of manifest.icons) expect((await fetch(gate.url + src)).headers.get('Content-Type')).toBe(type)
      const { installabilityErrors } = await line.send('Page.getInstallabilityErrors')
      expect(installabilityErrors).toEqual([])
      await page.close()
    })
})
