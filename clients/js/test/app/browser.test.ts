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

  test('somebody makes an account, finds a friend by name, signs out and in again, but not by a wrong password', { timeout: 120_000 }, async () => {
    const bob = await server.person('bobby', 'Bobby Stone')
    const eve = await server.person('evelyn', 'Evelyn Moss')
    const page = await (await browser.createBrowserContext()).newPage()
    page.setDefaultTimeout(PATIENCE.timeout)
    await page.setViewport({ width: 1200, height: 800 })
    await page.goto(server.url)
    const press = (text: string) => page.locator(`[role="button"] ::-p-text(${text})`).click()
    const fill = (label: string, text: string) => page.locator(`input[aria-label="${label}"]`).fill(text)
    await press('New here?')
    await press('Create account')
    await expect.poll(() => says(page), PATIENCE).toContain('Please fill in every field.')
    for (const [label, text] of Object.entries({ Name: 'Ada Byron', Username: 'adab', 'E-mail': 'adab@example.org', Password: 'correct horse' }))
      await fill(label, text)
    await press('Create account')
    await page.locator('[aria-label="New chat"]').click()
    await fill('The whole e-mail address or username', 'bobby')
    await page.keyboard.press('Enter')
    await page.waitForSelector('textarea[aria-label="Message to Bobby Stone"]')
    await write(page, 'hello Bobby')
    await page.waitForSelector('[role="listitem"][aria-label*="hello Bobby. Sent"]')
    const me = await page.evaluate(() => (JSON.parse(localStorage.getItem('tieline-app:account')!) as { id: string }).id)
    const rows = () =>
      page.evaluate(() => [...document.querySelectorAll<HTMLElement>('[role="navigation"] [role="link"]')].map((one) => one.innerText))
    for (const [token, first] of [
      [eve.token, /Evelyn Moss/],
      [bob.token, /Bobby Stone/],
    ] as const) {
      await fetch(`${server.url}/api/chat/messages`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ client_id: crypto.randomUUID(), to: me, message: 'newest' }),
      })
      await expect.poll(async () => (await rows())[0], PATIENCE).toMatch(first)
    }
    await page.locator('[aria-label="Settings"]').click()
    await press('Sign out')
    await page.locator('[role="dialog"] [role="button"] ::-p-text(Sign out)').click()
    await page.waitForSelector('input[aria-label="Password"]')
    expect(await page.evaluate(() => Object.keys(localStorage).filter((name) => /token|account|cache/.test(name)))).toEqual([])
    await fill('E-mail', 'adab@example.org')
    await fill('Password', 'wrong horse')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[role="alert"]')
    // Over what stands there, as a person does it: a driver that empties the field itself does so behind React's back.
    await page.focus('input[aria-label="Password"]')
    await page.keyboard.down('Control')
    await page.keyboard.press('a')
    await page.keyboard.up('Control')
    await page.keyboard.type('correct horse')
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await rows()).length, PATIENCE).toBe(2)
    await page.close()
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
