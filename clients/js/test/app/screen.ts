import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { launch } from '../browser/browsers.js'

export type BrowserName = 'chromium' | 'firefox'

/** What both drivers give: Playwright for Chromium, Puppeteer over WebDriver BiDi for Firefox. */
interface Glass {
  goto(url: string): Promise<unknown>
  reload(): Promise<unknown>
  url(): string
  on(event: 'pageerror', heard: (error: Error) => void): unknown
  evaluate<R, A>(act: (given: A) => R | Promise<R>, given: A): Promise<R>
  mouse: { click(x: number, y: number): Promise<void>; move(x: number, y: number): Promise<void> }
  keyboard: { press(key: string): Promise<void>; down(key: string): Promise<void>; up(key: string): Promise<void>; type(text: string): Promise<void> }
  screenshot(options: { path: string }): Promise<unknown>
  close(): Promise<void>
}

export interface Size {
  width: number
  height: number
}

/** A browser; each `open` is a person's own profile. */
export class Machine {
  readonly name: BrowserName
  #open: (size: Size, how: Opening) => Promise<Screen>
  readonly close: () => Promise<void>

  private constructor(name: BrowserName, open: (size: Size, how: Opening) => Promise<Screen>, close: () => Promise<void>) {
    this.name = name
    this.#open = open
    this.close = close
  }

  static async start(name: BrowserName): Promise<Machine> {
    if (name === 'firefox') {
      const { browser, close } = await launch('firefox')
      const open = async (size: Size) => {
        const page = await (await browser.createBrowserContext()).newPage()
        await page.setViewport(size)
        const dress = async (how: Dress) => {
          if (how.size) await page.setViewport(how.size)
        }
        return new Screen(name, page as unknown as Glass, dress)
      }
      return new Machine(name, open, close)
    }
    const profile = mkdtempSync(join(tmpdir(), 'tieline-chromium-'))
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      headless: true,
      args: '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --use-fake-device-for-media-stream --use-fake-ui-for-media-stream'.split(
        ' ',
      ),
    })
    const open = async (size: Size, how: Opening) => {
      const context = await browser.newContext({
        viewport: size,
        permissions: ['notifications', 'microphone', 'clipboard-read', 'clipboard-write'],
        deviceScaleFactor: how.scale ?? 1,
        bypassCSP: how.bypassCSP ?? false,
      })
      const page = await context.newPage()
      const dress = async (how: Dress) => {
        if (how.size) await page.setViewportSize(how.size)
        if (how.scheme) await page.emulateMedia({ colorScheme: how.scheme })
      }
      return new Screen(name, page as unknown as Glass, dress)
    }
    return new Machine(name, open, async () => {
      await browser.close()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    })
  }

  open(size: Size, how: Opening = {}): Promise<Screen> {
    return this.#open(size, how)
  }
}

/** What only Chromium can. */
export interface Opening {
  scale?: number
  bypassCSP?: boolean
}

export interface Dress {
  size?: Size
  scheme?: 'light' | 'dark'
}

/** What is looked for: by its name as a screen reader tells it, and by role or place where that is not enough. */
export interface What {
  name: string
  role?: string
  /** Part of the name of the list item it stands in. */
  in?: string
}

const PATIENCE = Number(process.env.PATIENCE ?? 20_000)

/** One page, used as a person uses it: by what is to be seen, with mouse and keys. */
export class Screen {
  readonly page: Glass
  readonly browser: BrowserName
  readonly dress: (how: Dress) => Promise<void>
  /** What the page's own code threw. */
  readonly errors: string[] = []

  constructor(browser: BrowserName, page: Glass, dress: Screen['dress']) {
    page.on('pageerror', (error) => this.errors.push(error.stack ?? String(error)))
    this.browser = browser
    this.page = page
    this.dress = dress
  }

  /** All that is to be read, without what is only said to those who listen. */
  text(): Promise<string> {
    return this.page.evaluate(() => {
      let text = document.body.innerText
      for (const said of document.querySelectorAll<HTMLElement>('[role="status"]')) {
        const at = getComputedStyle(said).opacity === '0' && said.innerText ? text.lastIndexOf(said.innerText) : -1
        if (at >= 0) text = text.slice(0, at) + text.slice(at + said.innerText.length)
      }
      return text
    }, undefined)
  }

  /** Waits until it holds; what the page then says is in the error when it never does. */
  async until(what: string, holds: () => Promise<boolean>, patience = PATIENCE): Promise<void> {
    const end = Date.now() + patience
    for (;;) {
      // An answer of the driver that never comes must not hold up the next question.
      if (await Promise.race([holds().catch(() => false), after(4_000)])) return
      if (Date.now() > end) throw new Error(`${this.browser}: never ${what}. There is:\n${await this.outline()}\n${this.errors.slice(-3).join('\n')}`)
      await new Promise((done) => setTimeout(done, 40))
    }
  }

  sees(text: string, patience = PATIENCE): Promise<void> {
    return this.until(`seen: ${text}`, async () => (await this.text()).includes(text), patience)
  }

  lost(text: string): Promise<void> {
    return this.until(`gone: ${text}`, async () => !(await this.text()).includes(text))
  }

  /** How often something with this name is to be seen. */
  count(what: What): Promise<number> {
    return this.page.evaluate(find, what).then((found) => found.count)
  }

  async has(name: string, role?: string, inside?: string): Promise<void> {
    const what = { name, ...(role && { role }), ...(inside && { in: inside }) }
    await this.until(`there: ${JSON.stringify(what)}`, async () => (await this.count(what)) > 0)
  }

  async hasNot(name: string, role?: string): Promise<void> {
    await this.until(`gone: ${name}`, async () => (await this.count({ name, ...(role && { role }) })) === 0)
  }

  /** Clicks on the middle of it, once it is there, rests, and nothing lies over it; again when it moved away under the mouse. */
  async click(given: string | What): Promise<void> {
    const what = typeof given === 'string' ? { name: given } : given
    const end = Date.now() + PATIENCE
    let before = ''
    let spot = { x: 0, y: 0 }
    do {
      await this.until(`to click: ${JSON.stringify(what)}`, async () => {
        const { x, y, covered, count } = await this.page.evaluate(find, what)
        const rests = before === `${x} ${y}`
        before = `${x} ${y}`
        spot = { x, y }
        return count > 0 && !covered && rests
      })
      if (await this.#hits(spot)) return
    } while (Date.now() < end)
    throw new Error(`${this.browser}: never still enough to be clicked: ${JSON.stringify(what)}`)
  }

  /** Presses there; false when by then something else was in that place, which has not noticed. */
  async #hits({ x, y }: { x: number; y: number }): Promise<boolean> {
    await this.page.evaluate(watch, undefined)
    await this.page.mouse.click(x, y)
    // A page that went away by the click cannot tell, and was hit.
    return this.page.evaluate(() => (globalThis as unknown as Aiming).missed?.() !== true, undefined).catch(() => true)
  }

  async press(...keys: string[]): Promise<void> {
    const last = keys.pop()!
    for (const key of keys) await this.page.keyboard.down(key)
    await this.page.keyboard.press(last)
    for (const key of keys.reverse()) await this.page.keyboard.up(key)
  }

  type(text: string): Promise<void> {
    return this.page.keyboard.type(text)
  }

  /** Into the field of this name, in place of what is there. */
  async fill(name: string, text: string): Promise<void> {
    await this.click({ name, role: 'field' })
    await this.press('Control', 'a')
    if (text) await this.type(text)
    else await this.press('Backspace')
  }

  /** Into a field for a day, from its first part on; browsers take no text for it but the digits, in the order that English has. */
  async day(name: string, day: string): Promise<void> {
    const [month, date, year] = day.split('/')
    await this.has(name, 'field')
    await this.page.evaluate((name) => {
      ;(document.activeElement as HTMLElement | null)?.blur()
      document.querySelector<HTMLInputElement>(`input[type="date"][aria-label="${name}"]`)!.focus()
    }, name)
    await this.type(`${month}${date}${year}`)
    await this.until(`the day ${day}`, async () => (await this.value(name)) === `${year}-${month}-${date}`)
  }

  /** The next file that is asked for is a picture of one colour: nobody but the system sees the window in which a person would choose it. */
  willPick(colour: string): Promise<void> {
    return this.page.evaluate(async (colour) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 480, height: 360 })
      const paint = canvas.getContext('2d')!
      paint.fillStyle = colour
      paint.fillRect(0, 0, 480, 360)
      const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'))
      const data = new DataTransfer()
      data.items.add(new File([blob!], `${colour}.png`, { type: 'image/png' }))
      const { prototype } = HTMLInputElement
      prototype.click = function () {
        Reflect.deleteProperty(prototype, 'click')
        this.files = data.files
        this.dispatchEvent(new Event('change'))
      }
    }, colour)
  }

  /** Writes into the chat's box and sends it. */
  async say(text: string): Promise<void> {
    await this.write(text)
    await this.press('Enter')
  }

  async write(text: string): Promise<void> {
    await this.click({ name: 'Message to', role: 'field' })
    await this.type(text)
  }

  value(name: string): Promise<string> {
    return this.page.evaluate(
      (name) =>
        [...document.querySelectorAll('textarea,input')]
          .map((field) => field as HTMLInputElement)
          .find((field) => field.getAttribute('aria-label')?.includes(name))?.value ?? '',
      name,
    )
  }

  /** What can be read and pressed, for an error that tells something. */
  outline(): Promise<string> {
    return this.page
      .evaluate(() => {
        const named = [...document.querySelectorAll('[aria-label]')]
          .filter((one) => one.getClientRects().length)
          .map((one) => `${one.getAttribute('role') ?? one.tagName}: ${one.getAttribute('aria-label')}`)
        return `${location.href}\n${document.body.innerText.slice(0, 2_000)}\n-- ${named.slice(-60).join('\n-- ')}`
      }, undefined)
      .catch(String)
  }
}

const after = (ms: number) => new Promise<false>((done) => setTimeout(done, ms, false))

/** Runs in the page. */
function find({ name, role, in: inside }: What): { x: number; y: number; count: number; covered: boolean } {
  const shown = (one: Element) => one.getClientRects().length > 0 && getComputedStyle(one).visibility !== 'hidden'
  const called = (one: Element) => (one.getAttribute('aria-label') ?? (one as HTMLElement).innerText ?? '').trim()
  const modal = [...document.querySelectorAll('[aria-modal="true"]')].filter(shown).at(-1)
  let scope: Element = modal ?? document.body
  if (inside) {
    const items = [...scope.querySelectorAll('[role="listitem"]')].filter(shown)
    const item = items.filter((one) => called(one).includes(inside)).at(-1)
    if (!item) return { x: 0, y: 0, count: 0, covered: false }
    scope = item
  }
  const wanted = role === 'field' ? 'input,textarea' : role ? `[role="${role}"]` : '[role],button,a,input,textarea'
  const all = [...scope.querySelectorAll(wanted)].filter(shown)
  const exact = all.filter((one) => called(one) === name)
  const found = exact.length ? exact : all.filter((one) => called(one).includes(name))
  // The innermost of several, and of those the last.
  const one = found.filter((outer) => !found.some((inner) => inner !== outer && outer.contains(inner))).at(-1)
  if (!one) return { x: 0, y: 0, count: 0, covered: false }
  one.scrollIntoView({ block: 'nearest' })
  const { left, top, width, height } = one.getBoundingClientRect()
  const [x, y] = [Math.round(left + width / 2), Math.round(top + height / 2)]
  const on = document.elementFromPoint(x, y)
  // What is not to be pressed yet is waited for, as a person does.
  const off = one.getAttribute('aria-disabled') === 'true'
  ;(globalThis as unknown as Aiming).aim = { one, on }
  return { x, y, count: found.length, covered: off || !on || !(one.contains(on) || on.contains(one)) }
}

/** What `find` and `watch` leave in the page. */
interface Aiming {
  aim?: { one: Element; on: Element | null }
  missed?(): boolean
}

/** Runs in the page: keeps what the mouse does next from whatever is not aimed at. */
function watch(): void {
  const page = globalThis as unknown as Aiming
  const { one, on } = page.aim!
  const kinds = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']
  let missed = false
  const look = (event: Event) => {
    const at = event.target as Element
    // What is gone has been pressed: it went by that.
    if (at !== on && !one.contains(at) && (event.type === 'pointerdown' || one.isConnected)) missed = true
    if (!missed) return
    event.preventDefault()
    event.stopImmediatePropagation()
  }
  for (const kind of kinds) addEventListener(kind, look, true)
  page.missed = () => {
    for (const kind of kinds) removeEventListener(kind, look, true)
    return missed
  }
}
