import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FaultServer } from '../faults/server.js'
import { browserNames, firstMessage, launch, openPage } from './browsers.js'

/** Not an address: browsers trust http on 127.0.0.1 even from https pages. */
const HOST = 'chat.test'

function selfSigned(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tieline-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')] as const
  const wanted = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${HOST}`]
  execFileSync('openssl', ['req', '-x509', ...wanted, '-addext', `subjectAltName=DNS:${HOST},IP:127.0.0.1`, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  rmSync(folder, { recursive: true })
  return pair
}

describe.each(browserNames)('in %s', (name) => {
  let browser: Browser
  let close: () => Promise<void>
  let secure: FaultServer
  let plain: FaultServer
  beforeAll(async () => {
    ;({ browser, close } = await launch(name, { host: HOST, insecure: true }))
    secure = await new FaultServer(selfSigned()).start()
    plain = await new FaultServer().start()
  })
  afterAll(async () => {
    await close()
    await Promise.all([secure.stop(), plain.stop()])
  })

  test('F36: an https page whose chat is on http is told that its own page forbids it, and why', async () => {
    const page = await openPage(browser, secure)
    const seen = await firstMessage(page, plain.url.replace('127.0.0.1', HOST), { watchMs: 5_000, wanted: true })
    const diagnosis = await page.evaluate(
      () => (globalThis as unknown as { chat: { state: { diagnosis: { code: string; operator: string } | null } } }).chat.state.diagnosis,
    )
    expect(seen.stored).toBeNull()
    expect(diagnosis?.code).toBe('blocked_by_page')
    expect(diagnosis?.operator).toContain('from an https page use wss')
    expect(plain.handshakes).toBe(0)
  })

  test('the same page gets through to a chat on https, and an http page to the one on http', async () => {
    const overTls = await firstMessage(await openPage(browser, secure), secure.url, { live: 'ws' })
    expect(overTls.live.at(-1)?.transport).toBe('ws')
    const overPlain = await firstMessage(await openPage(browser, plain), plain.url.replace('127.0.0.1', HOST), { live: 'ws' })
    expect(overPlain.live.at(-1)?.transport).toBe('ws')
    expect(plain.backend.messages('ada', 'bob').map(({ message }) => message)).toEqual(['hello'])
  })
})
