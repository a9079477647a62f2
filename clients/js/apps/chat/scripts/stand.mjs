// A real server on a free port of this machine, with data of its own that goes with it, and people in it. For screens.mjs and bench.mjs.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

export const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../../../..')
const app = process.env.TIELINE_APP ?? join(repository, 'out/app')
const executable = join(repository, 'out/tieline')

export async function stand(work) {
  if (!existsSync(executable) || !existsSync(join(app, 'index.html'))) throw new Error('Run `make build app` first.')
  const url = `http://127.0.0.1:${await freePort()}`
  const data = mkdtempSync(join(tmpdir(), 'tieline-stand-'))
  const rates = ['--signups-burst', '1000', '--sends-per-s', '0', '--commands-per-s', '0']
  const server = spawn(executable, ['serve', '--listen', url, '--data', data, '--app', app, ...rates], { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = new Promise((done) => server.once('exit', done))
  let browser
  try {
    await answers(url, server)
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking'] })
    return await work({ url, browser })
  } finally {
    await browser?.close()
    if (server.exitCode === null && server.kill()) await ended
    rmSync(data, { recursive: true, force: true })
  }
}

async function freePort() {
  const server = createServer()
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}

async function answers(url, server) {
  for (let tries = 0; tries < 600 && server.exitCode === null; tries++) {
    const answer = await fetch(`${url}/api/chat/test`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error('The server did not come up.')
}

/** Somebody new, who can say and do things without a browser. */
export async function person(url, name) {
  const username = name
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()
  const body = JSON.stringify({ full_name: name, username, email: `${username}@example.org`, password: 'correct horse' })
  const answer = await fetch(`${url}/api/auth/signup`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  if (!answer.ok) throw new Error(`sign-up: ${await answer.text()}`)
  const authorization = { Authorization: `Bearer ${(await answer.json()).access_token}` }
  const call = async (path, fields) => {
    const answer = await fetch(`${url}/api/chat/${path}`, {
      method: 'POST',
      headers: { ...authorization, 'Content-Type': 'application/json' },
      body: JSON.stringify({ client_id: crypto.randomUUID(), ...fields }),
    })
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
    return answer.status === 204 ? null : answer.json()
  }
  const { id } = await (await fetch(`${url}/api/auth/me`, { headers: authorization })).json()
  return {
    id,
    name,
    token: authorization.Authorization.slice('Bearer '.length),
    call,
    say: (to, message, more = {}) => call('messages', { ...to, message, ...more }),
    /** The id of the file, to be sent. */
    async upload(bytes, filename) {
      const tus = { ...authorization, 'Tus-Resumable': '1.0.0' }
      const metadata = `filename ${Buffer.from(filename).toString('base64')}`
      const begun = await fetch(`${url}/api/chat/uploads`, {
        method: 'POST',
        headers: { ...tus, 'Upload-Length': String(bytes.length), 'Upload-Metadata': metadata },
      })
      const place = new URL(begun.headers.get('Location'), begun.url)
      const headers = { ...tus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' }
      const done = await fetch(place, { method: 'PATCH', headers, body: bytes })
      if (!done.ok) throw new Error(`upload: ${await done.text()}`)
      return place.pathname.split('/').at(-1)
    },
  }
}
