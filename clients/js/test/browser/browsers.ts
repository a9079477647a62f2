import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import type { FaultServer } from '../faults/server.js'

export const browserNames = ['chromium', 'firefox'] as const
export type BrowserName = (typeof browserNames)[number]

/**
 * Debian's browsers, each with a fresh profile; Firefox is driven over WebDriver BiDi. `host` is a name for 127.0.0.1 that,
 * unlike the address, gets no privileges; `insecure` takes any certificate.
 */
export async function launch(name: BrowserName, { host = '', insecure = false } = {}): Promise<{ browser: Browser; close(): Promise<void> }> {
  const profile = mkdtempSync(join(tmpdir(), `tieline-${name}-`))
  const browser = await puppeteer.launch(
    name === 'chromium'
      ? {
          browser: 'chrome',
          executablePath: '/usr/bin/chromium',
          userDataDir: profile,
          acceptInsecureCerts: insecure,
          args: `${host && `--host-resolver-rules=MAP:${host}:127.0.0.1 `}--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync`
            .split(' ')
            .map((flag) => flag.replace(/MAP:(.*):/, 'MAP $1 ')),
        }
      : {
          browser: 'firefox',
          executablePath: '/usr/bin/firefox-esr',
          userDataDir: profile,
          headless: true,
          protocol: 'webDriverBiDi',
          acceptInsecureCerts: insecure,
          extraPrefsFirefox: {
            'network.dns.localDomains': host,
            // A microphone that hums and is never asked about; what plays, plays; notifications are allowed.
            'media.navigator.streams.fake': true,
            'media.navigator.permission.disabled': true,
            'media.autoplay.default': 0,
            'permissions.default.desktop-notification': 1,
            'alerts.useSystemBackend': false,
          },
        },
  )
  return {
    browser,
    async close() {
      await browser.close()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

let bundle: Promise<string> | undefined

/** The client as a page loads it: one file, its exports on `tieline`. */
export function clientBundle(): Promise<string> {
  bundle ??= build({
    entryPoints: ['packages/client/src/index.ts'],
    bundle: true,
    minify: true,
    format: 'iife',
    globalName: 'tieline',
    target: 'es2022',
    write: false,
  }).then(({ outputFiles }) => outputFiles[0]!.text)
  return bundle
}

const PAGE = '<!doctype html><meta charset="utf-8"><title>Tieline</title><link rel="icon" href="data:,"><script src="/client.js"></script>'

/** A page with the client on `server`; `headers` go with the page, such as a Content-Security-Policy. */
export async function openPage(browser: Browser, server: FaultServer, path = '/page', headers: Record<string, string> = {}): Promise<Page> {
  server.pages.set('/client.js', { type: 'text/javascript', text: await clientBundle() })
  server.pages.set(path, { type: 'text/html', text: PAGE, headers })
  const page = await browser.newPage()
  await page.goto(server.url + path)
  return page
}

export interface Seen {
  /** Milliseconds from `connectChat` to the first message being stored; null when it was not within the time. */
  stored: number | null
  /** Transports in the order they went live, with the milliseconds. */
  live: { transport: string; ms: number }[]
  diagnosis: { code: string; ms: number } | null
}

/** Connects, sends at once, and watches for `watchMs` or until message, line and, if `wanted`, a diagnosis are there. */
export function firstMessage(page: Page, url: string, { token = 'ada', watchMs = 12_000, wanted = false, live = '' } = {}): Promise<Seen> {
  return page.evaluate(
    (url, token, watchMs, wanted, live) =>
      new Promise<Seen>((resolve) => {
        const { tieline } = globalThis as unknown as { tieline: typeof import('../../packages/client/src/index.js') }
        const began = performance.now()
        const ms = () => Math.round(performance.now() - began)
        const seen: Seen = { stored: null, live: [], diagnosis: null }
        const chat = tieline.connectChat(url, token, { account: `${token}-${Math.random()}` })
        ;(globalThis as unknown as { chat: unknown }).chat = chat
        const settle = () => {
          const reached = !live || seen.live.some(({ transport }) => transport === live)
          if (seen.stored !== null && seen.live.length && reached && (!wanted || seen.diagnosis)) resolve(seen)
        }
        const watch = () => {
          const { transport, diagnosis } = chat.state
          if (transport && seen.live.at(-1)?.transport !== transport) seen.live.push({ transport, ms: ms() })
          if (diagnosis && seen.diagnosis?.code !== diagnosis.code) seen.diagnosis = { code: diagnosis.code, ms: ms() }
          settle()
        }
        chat.on('state', watch)
        void chat
          .with('bob')
          .send('hello')
          .stored.then(() => {
            seen.stored = ms()
            settle()
          })
        setTimeout(() => resolve(seen), watchMs)
      }),
    url,
    token,
    watchMs,
    wanted,
    live,
  )
}
