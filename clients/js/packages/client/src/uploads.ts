import { createBackoff } from './backoff.js'
import { type Clock, Timer } from './clock.js'
import { fileKey } from './fileshelf.js'
import { describe, type Fetch, type Http } from './http.js'
import { ChatError } from './message.js'
import type { Entry, Outbox, Pending, PendingFile } from './outbox.js'
import type { Storage } from './storage.js'

const FIRST_CHUNK = 256 * 1024
const LAST_CHUNK = 8 * 1024 * 1024
/** A chunk that took less is followed by a larger one, so that progress is seen and little is sent twice. */
const QUICK_MS = 1_000
const CHUNK_MS = 120_000
/** Somebody stands there and waits. */
const ALONE_MS = 60_000

export interface UploadsParts {
  clock: Clock
  random: () => number
  fetch: Fetch
  http: Http
  storage: Storage
  outbox: Outbox
  /** 0 to 1 of one file of a message. */
  progress(pending: Pending, key: string, fraction: number): void
}

/** For good: another try would end the same way. */
class Refused extends ChatError {}

interface How {
  learned(more: Partial<PendingFile>): void
  progress(fraction: number): void
  wanted(): boolean
  signal: AbortSignal
}

/** Files before their messages, by tus 1.0: in chunks, and after a cut from where the server says that it is. */
export class Uploads {
  #parts: UploadsParts
  #running = new Map<string, AbortController>()
  #wakes = new Set<() => void>()

  constructor(parts: UploadsParts) {
    this.#parts = parts
  }

  /** Uploads what is missing of a message, for as long as it is in the outbox. */
  async start({ draft, ...pending }: Pending): Promise<void> {
    const { outbox } = this.#parts
    const id = draft.client_id
    if (this.#running.has(id)) return
    const abort = new AbortController()
    this.#running.set(id, abort)
    let files = pending.files ?? []
    const wanted = () => !abort.signal.aborted && !!outbox.find(id)
    try {
      for (const file of files) {
        await this.#insist(file, {
          learned: (more) => {
            files = files.map((one) => (one.key === file.key ? { ...one, ...more } : one))
            this.#filed(id, files)
          },
          progress: (fraction) => this.#parts.progress({ draft, ...pending }, file.key, fraction),
          wanted,
          signal: abort.signal,
        })
      }
    } catch (error) {
      const { code, message } = error as Refused
      outbox._refuse({ type: 'error', code, message, retryable: false, client_id: id })
    } finally {
      this.#running.delete(id)
    }
  }

  /** One file that goes with no message, at once. @returns its id on the server @throws ChatError where it is refused, or does not get there in a minute */
  async alone(file: PendingFile): Promise<string> {
    const abort = new AbortController()
    const { signal } = abort
    this.#running.set(file.key, abort)
    const nothing = () => {}
    try {
      const how = { learned: nothing, progress: nothing, wanted: () => !signal.aborted, signal }
      const id = await this.#insist(file, how, this.#parts.clock.now() + ALONE_MS)
      if (id) return id
      throw new ChatError('unreachable', 'The file does not get through.')
    } finally {
      this.#running.delete(file.key)
    }
  }

  /** @returns its id, or nothing where it is not wanted any more or the time is over @throws Refused */
  async #insist(file: PendingFile, how: How, end = Number.POSITIVE_INFINITY): Promise<string | undefined> {
    const { clock, random } = this.#parts
    const backoff = createBackoff(random)
    let known = file
    const learned = (more: Partial<PendingFile>) => {
      known = { ...known, ...more }
      how.learned(more)
    }
    const progress = (fraction: number) => {
      backoff.reset()
      how.progress(fraction)
    }
    while (!known.id && how.wanted() && clock.now() < end) {
      try {
        await this.#upload(known, { ...how, learned, progress })
      } catch (error) {
        if (error instanceof Refused) throw error
        if (how.wanted()) await this.#pause(clock, backoff.next())
      }
    }
    return known.id
  }

  /** Somebody looks again, or there is a line: what waits goes on now. */
  hurry(): void {
    for (const wake of this.#wakes) wake()
  }

  stop(): void {
    for (const abort of this.#running.values()) abort.abort()
    this.hurry()
  }

  /** What is known of a message's files is another thing: written down, and with all of them there the message may go. */
  #filed(id: string, files: readonly PendingFile[]): void {
    const { outbox } = this.#parts
    const entry = outbox.find(id)
    if (!entry) return
    entry.files = files
    if (files.every((file) => file.id)) {
      const attachments = files.map(({ id, name, duration_ms }) => ({ id: id!, name, ...(duration_ms && { duration_ms }) }))
      entry._kept = false
      entry.draft = { ...entry.draft, attachments }
    }
    void outbox.keep(entry)
  }

  #pause(clock: Clock, ms: number): Promise<void> {
    const timer = new Timer(clock)
    return new Promise((resolve) => {
      const wake = () => {
        timer.clear()
        this.#wakes.delete(wake)
        resolve()
      }
      this.#wakes.add(wake)
      timer.set(ms, wake)
    })
  }

  async #upload(file: PendingFile, how: How): Promise<void> {
    const { http, clock } = this.#parts
    const blob = await this.#bytes(file)
    const request = (method: string, path: string, headers: Record<string, string>, body?: Blob) =>
      http._ask(
        path,
        { method, headers: { 'Tus-Resumable': '1.0.0', ...headers }, ...(body && { body }) },
        (response) => response,
        CHUNK_MS,
        how.signal,
      )
    let { upload } = file
    let offset = 0
    const at = () => `/uploads/${encodeURIComponent(upload!)}`
    if (upload) {
      const there = await request('HEAD', at(), {})
      if (there.ok) offset = Number(there.headers.get('Upload-Offset'))
      // The server has forgotten it: from the beginning.
      else if (there.status === 404 || there.status === 410) upload = undefined
      else throw await trouble(there)
    }
    if (!upload) {
      const metadata = `filename ${base64(file.name)},filetype ${base64(file.type)}`
      const made = await request('POST', '/uploads', { 'Upload-Length': String(blob.size), 'Upload-Metadata': metadata })
      const location = made.headers.get('Location')
      if (!made.ok || !location) throw await trouble(made)
      // Only its name is taken: behind a proxy the rest of the address may not be ours, and the token goes to nobody else.
      upload = decodeURIComponent(
        location
          .replace(/[?#].*/, '')
          .split('/')
          .pop()!,
      )
      how.learned({ upload })
    }
    let chunk = FIRST_CHUNK
    while (offset < blob.size) {
      if (!how.wanted()) return
      const began = clock.now()
      const part = blob.slice(offset, offset + chunk)
      const answer = await request('PATCH', at(), { 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' }, part)
      const now = Number(answer.headers.get('Upload-Offset') ?? Number.NaN)
      if (!answer.ok || !(now > offset)) throw await trouble(answer)
      offset = now
      how.progress(offset / blob.size)
      if (clock.now() - began < QUICK_MS) chunk = Math.min(chunk * 2, LAST_CHUNK)
    }
    how.progress(1)
    how.learned({ id: upload })
  }

  /** What the person chose, or what was kept of it before a restart. */
  async #bytes({ key, source, type }: PendingFile): Promise<Blob> {
    const { storage, fetch } = this.#parts
    if (source instanceof Blob) {
      // One that goes alone is not asked for after a restart.
      if (!this.#running.has(key)) await storage.putFile?.(fileKey(key), source).catch(() => {})
      return source
    }
    if (source && 'uri' in source && source.uri) {
      const blob = await fetch(source.uri).then((answer) => answer.blob())
      return blob.type ? blob : blob.slice(0, blob.size, type)
    }
    const kept = await storage.getFile?.(fileKey(key)).catch(() => null)
    if (!kept) throw new Refused('file_gone', 'The file is not on this device any more.')
    return kept
  }
}

/** Only the server itself refuses for good; anything else may have been a proxy, and is tried again. */
async function trouble(response: Response): Promise<Error> {
  const { tieline, status } = describe(response)
  const body = (await response.json().catch(() => ({}))) as { code?: string; message?: string; retryable?: boolean }
  const final = status === 413 || (tieline && (body.retryable === false || [400, 403, 415, 422].includes(status)))
  return final && status !== 401
    ? new Refused(body.code ?? (status === 413 ? 'too_large' : String(status)), body.message ?? `Answered ${status}.`)
    : new Error(`Answered ${status}.`)
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

/**
 * A message waits for its files, and what is for the same chat waits behind it. One command at a time: what it does may not
 * be undone by an earlier one that is told again.
 */
export function readyOf(entries: Entry[]): Entry[] {
  const waiting = new Set<string | undefined>()
  const ready = entries.filter(({ draft, files }) => {
    const chat = draft.to ?? draft.conversation
    if (files?.some(({ id }) => !id)) waiting.add(chat)
    return !waiting.has(chat)
  })
  const [, second] = ready.filter(({ type }) => type)
  return second ? ready.slice(0, ready.indexOf(second)) : ready
}
