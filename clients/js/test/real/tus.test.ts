import { randomBytes } from 'node:crypto'
import { Upload, type UploadOptions } from 'tus-js-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RealServer } from './server.js'

/** Uploads by a client of tus that is not ours: what any app may use as it is. */
let server: RealServer
let ada: { id: string; token: string }
let bob: { id: string; token: string }
beforeAll(async () => {
  server = await RealServer.start()
  ada = await server.person('ada')
  bob = await server.person('bob')
}, 300_000)
afterAll(() => server?.stop())

const bytes = randomBytes(1_000_000)

function begin(options: Partial<UploadOptions>): { upload: Upload; done: Promise<string> } {
  let upload!: Upload
  const done = new Promise<string>((resolve, reject) => {
    upload = new Upload(bytes, {
      endpoint: `${server.url}/api/chat/uploads`,
      headers: { Authorization: `Bearer ${ada.token}` },
      metadata: { filename: 'Grüße.bin' },
      chunkSize: 100_000,
      retryDelays: [100, 300, 1_000, 2_000, 4_000],
      onError: reject,
      onSuccess: () => resolve(upload.url as string),
      ...options,
    })
  })
  return { upload, done }
}

/** Sends it to Bob, who gets it. */
async function received(url: string): Promise<Buffer> {
  const call = async (token: string, path: string, body?: object) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const answer = await fetch(server.url + path, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers })
    expect(answer.status).toBe(200)
    return answer.json()
  }
  await call(ada.token, '/api/chat/messages', {
    client_id: crypto.randomUUID(),
    to: bob.id,
    message: '',
    attachments: [{ id: url.split('/').at(-1) }],
  })
  const list = await call(bob.token, '/api/chat/conversations')
  const [shown] = list.conversations[0].last.attachments
  expect(shown).toMatchObject({ name: 'Grüße.bin', size: bytes.length, kind: 'file' })
  return Buffer.from(await (await fetch(server.url + shown.url)).arrayBuffer())
}

test('a file goes up in chunks and arrives whole', async () => {
  const offsets: number[] = []
  const { upload, done } = begin({ onChunkComplete: (_size, accepted) => offsets.push(accepted) })
  upload.start()
  expect((await received(await done)).equals(bytes)).toBe(true)
  expect(offsets).toEqual(Array.from({ length: 10 }, (_, i) => (i + 1) * 100_000))
})

test('the first bytes can come with the creation', async () => {
  const { upload, done } = begin({ uploadDataDuringCreation: true })
  upload.start()
  expect((await received(await done)).equals(bytes)).toBe(true)
})

test('a killed server is found again and the upload goes on where it was', async () => {
  let crashed: Promise<void> | undefined
  const { upload, done } = begin({
    onChunkComplete: (_size, accepted) => {
      if (accepted >= 300_000) crashed ??= server.crash()
    },
  })
  upload.start()
  const url = await done
  await crashed
  expect(crashed).toBeDefined()
  expect((await received(url)).equals(bytes)).toBe(true)
})

test('an upload that was left is taken up by its address, from where the server is', async () => {
  const first = begin({})
  const left = new Promise<string>((resolve) => {
    first.upload.options.onChunkComplete = (_size, accepted) => {
      if (accepted === 400_000) void first.upload.abort().then(() => resolve(first.upload.url as string))
    }
  })
  first.upload.start()
  const uploadUrl = await left
  const offsets: number[] = []
  const second = begin({ uploadUrl, onChunkComplete: (_size, accepted) => offsets.push(accepted) })
  second.upload.start()
  expect((await received(await second.done)).equals(bytes)).toBe(true)
  expect(offsets[0]).toBeGreaterThan(400_000)
})

test('an upload that is given up is gone', async () => {
  const { upload } = begin({})
  const gone = new Promise<string>((resolve) => {
    upload.options.onChunkComplete = (_size, accepted) => {
      if (accepted === 200_000) void upload.abort(true).then(() => resolve(upload.url as string))
    }
  })
  upload.start()
  const url = await gone
  const answer = await fetch(new URL(url, server.url), {
    method: 'HEAD',
    headers: { Authorization: `Bearer ${ada.token}`, 'Tus-Resumable': '1.0.0' },
  })
  expect(answer.status).toBe(404)
})
