import { readdirSync, readFileSync } from 'node:fs'
import { build } from 'esbuild'
import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FaultServer } from '../faults/server.js'
import { RealServer } from '../real/server.js'
import { launch } from './browsers.js'

let browser: Browser
let close: () => Promise<void>
let real: RealServer
let host: FaultServer
beforeAll(async () => {
  ;({ browser, close } = await launch('chromium'))
  real = await RealServer.start()
  host = await new FaultServer().start()
}, 300_000)
afterAll(async () => {
  await close?.()
  await host?.stop()
  await real?.stop()
})

const people = async () => [await real.person(`ada${Date.now()}`), await real.person(`bob${Date.now()}`)] as const

test('the HTML page of twenty lines chats with the real server, from the built package', async () => {
  const [ada, bob] = await people()
  const html = readFileSync('examples/page.html', 'utf8')
  expect(html.trim().split('\n').length).toBeLessThanOrEqual(20)
  for (const file of readdirSync('packages/client/dist').filter((name) => name.endsWith('.js'))) {
    host.pages.set(`/tieline/${file}`, { type: 'text/javascript', text: readFileSync(`packages/client/dist/${file}`, 'utf8') })
  }
  host.pages.set('/page', { type: 'text/html', text: html })
  const open = async (token: string, peer: string) => {
    const context = await browser.createBrowserContext()
    const page = await context.newPage()
    await page.goto(`${host.url}/page#${new URLSearchParams({ url: real.url, token, peer })}`)
    return page
  }
  const pages = [await open(ada.token, bob.id), await open(bob.token, ada.id)] as const
  await pages[0].type('#text', 'hello')
  await pages[0].click('button')
  const shown = (page: (typeof pages)[number]) => page.$eval('#list', (list) => list.textContent)
  await expect.poll(() => shown(pages[1]), { timeout: 10_000 }).toBe(`${ada.id}: hello (sent)`)
  await expect.poll(() => shown(pages[0]), { timeout: 10_000 }).toBe('me: hello (delivered)')
  expect(await pages[0].$eval('#state', (state) => state.textContent?.trim())).toBe('online')
})

test('the React component chats with the real server', async () => {
  const [ada, bob] = await people()
  const { outputFiles } = await build({
    stdin: {
      contents: `import { createRoot } from 'react-dom/client'; import { App } from './examples/Room.tsx'; import { createElement as h, StrictMode } from 'react'
        createRoot(document.body.appendChild(document.createElement('div'))).render(h(StrictMode, null, h(App, Object.fromEntries(new URLSearchParams(location.hash.slice(1))))))`,
      resolveDir: '.',
      loader: 'tsx',
    },
    bundle: true,
    format: 'iife',
    jsx: 'automatic',
    write: false,
    define: { 'process.env.NODE_ENV': '"development"' },
  })
  host.pages.set('/room.js', { type: 'text/javascript', text: outputFiles[0]!.text })
  host.pages.set('/room', { type: 'text/html', text: '<!doctype html><meta charset="utf-8"><body><script src="/room.js"></script>' })
  const page = await (await browser.createBrowserContext()).newPage()
  await page.goto(`${host.url}/room#${new URLSearchParams({ url: real.url, token: ada.token, peer: bob.id })}`)
  await page.waitForSelector('input')
  await page.type('input', 'hello')
  await page.click('form button')
  await expect.poll(() => page.$eval('ul', (list) => list.textContent), { timeout: 10_000 }).toBe('me: hello (sent)')
})
