import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserNames, launch } from '../browser/browsers.js'
import { RealServer } from '../real/server.js'

const repository = resolve(import.meta.dirname, '../../../..')
const app = join(repository, 'out/app')
const pictures = join(repository, 'artifacts/screenshots')
const PATIENCE = { timeout: 30_000 }

if (!existsSync(join(app, 'index.html'))) throw new Error('out/app is not here: run `make app` first.')

describe.each(browserNames)('the app in %s', (name) => {
  let browser: Browser
  let close: () => Promise<void>
  let server: RealServer
  beforeAll(async () => {
    process.env.TIELINE_APP = app
    mkdirSync(pictures, { recursive: true })
    ;({ browser, close } = await launch(name))
    server = await RealServer.start()
  }, 120_000)
  afterAll(async () => {
    await close?.()
    await server?.stop()
  })

  const open = async (token: string, width: number, path = '/') => {
    const page = await (await browser.createBrowserContext()).newPage()
    page.setDefaultTimeout(PATIENCE.timeout)
    await page.setViewport({ width, height: 800 })
    await page.goto(`${server.url}${path}#token=${token}`)
    return page
  }
  const says = (page: Page) => page.evaluate(() => document.body.innerText)
  const write = async (page: Page, text: string) => {
    await page.waitForSelector('textarea')
    await page.type('textarea', text)
    await page.keyboard.press('Enter')
  }

  test('two people, signed in by tokens that leave the address at once, chat; what one writes the other sees, and reads', {
    timeout: 120_000,
  }, async () => {
    const [ada, bob] = [await server.person('ada'), await server.person('bob')]
    const wide = await open(ada.token, 1200, `/chat/${bob.id}`)
    await write(wide, 'hello from the wide screen')
    expect(wide.url()).toBe(`${server.url}/chat/${bob.id}`)
    const narrow = await open(bob.token, 390)
    await narrow.locator('[role="link"] ::-p-text(hello from the wide screen)').click()
    await write(narrow, 'and from the phone')
    await expect.poll(() => says(wide), PATIENCE).toContain('and from the phone')
    await wide.waitForSelector('[role="listitem"][aria-label*="hello from the wide screen. Read"]')
    await wide.screenshot({ path: join(pictures, `${name}-desktop.png`) })
    await narrow.screenshot({ path: join(pictures, `${name}-phone.png`) })
  })

  test('what is not known to the server is not written as a page, and no script of the page breaks the policy', { timeout: 120_000 }, async () => {
    const { token } = await server.person('eve')
    const page = await open(token, 1200)
    await page.waitForSelector('[aria-label="New chat"]')
    const broken = await page.evaluate(
      () =>
        new Promise<string>((done) => {
          addEventListener('securitypolicyviolation', (event) => done(event.violatedDirective))
          const script = document.createElement('script')
          script.textContent = 'globalThis.broken = true'
          document.body.append(script)
        }),
    )
    expect(broken).toContain('script-src')
    expect((await fetch(`${server.url}/api/nothing`, { headers: { Accept: 'text/html' } })).status).toBe(404)
  })
})
