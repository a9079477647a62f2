import { createBackoff } from './backoff.js'
import { Timer } from './clock.js'
import type { Frame } from './frames.js'
import type { Answer } from './http.js'
import type { Message } from './message.js'
import type { Basics } from './options.js'

/** An unacknowledged send is POSTed after this long: the client_id makes that harmless. */
const ACK_MS = 1_500
/** Sends under way on one socket: enough to keep it busy, few enough for a server that slows us down. */
const WINDOW = 64

/** What is to be stored at the server: the fields of the `send` frame, or of another command. */
export interface Draft {
  client_id: string
  to?: string
  conversation?: string
  message?: string
  reply_to?: string
  attachments?: { id: string; name?: string; duration_ms?: number }[]
  card?: Record<string, unknown>
  [field: string]: unknown
}

/** A file that goes before its message. */
export interface PendingFile {
  /** This client's own name of it. */
  key: string
  name: string
  type: string
  size: number
  duration_ms?: number
  voice?: boolean
  source?: Blob | { uri: string }
  /** The server's name of the upload that was begun. */
  upload?: string
  /** The server's id, once all of it is there. */
  id?: string
}

/** What goes with a draft: `files` go before it; `shown` is what its message shows that the draft does not say. */
export interface PendingExtras {
  files?: readonly PendingFile[] | undefined
  shown?: Partial<Message> | undefined
}

/** A message on its way, or with a `type` another command. `tab` says who may send it while that tab lives; `at` is the time it was written. */
export interface Pending extends PendingExtras {
  draft: Draft
  at: number
  tab: string
  type?: string
}

/** The way that messages take: a line, or what stands in for it. */
export interface Way {
  /** Which line this is, so that what was sent on an older one is known to be unsettled. */
  readonly number: number
  /** True when messages may go by POST. */
  _mayPost(): boolean
  /** Sends a frame; false when that is not possible, then nothing was sent. */
  send(frame: object, pending: Pending): boolean
}

/** What the client does for its outbox. */
export interface OutboxClient {
  readonly _way: Way
  /** Of one frame, in UTF-8. */
  readonly _maxBytes: number
  _post(pending: Pending): Promise<Answer>
  /** The server has stored it. */
  _acked(pending: Pending, ack: Frame): void
  /** It will never be stored as it is. */
  _failed(pending: Pending, error: Frame): void
}

export interface Entry extends Pending {
  _kept?: boolean
  /** The line it was sent on, or undefined when it must be sent (again). */
  _sentOn?: number | undefined
  /** When it last left; undefined when it never did. */
  _sentAt?: number
  /** Answered `held`: this line takes nothing more until one comes again that may be gone. */
  _held?: boolean
}

/** The sends of one account, in order. */
export interface Outbox {
  /** Oldest first. */
  _entries: Entry[]
  /** Who writes here. */
  tab: string
  /** Set by who keeps it: writes an entry down, and resolves when it may be sent. Without it everything is only here. */
  _write?(entry: Entry): Promise<unknown>
  /** Set by who keeps it: an entry need not be written down any more. */
  _drop?(entry: Entry): void
  /** Which may go now, oldest first. Set by who knows more than messages. */
  _ready(entries: Entry[]): Entry[]
  add(draft: Draft, more?: PendingExtras & { type?: string }): Pending
  /** Writes down how an entry is now; then it may go. */
  keep(entry: Entry): Promise<void>
  /** Takes over what an earlier process or a closed tab left, before all that is new. */
  _takeOver(entries: readonly Entry[]): void
  find(clientId: string | undefined): Entry | undefined
  /** Sends whatever may be sent now. Called whenever something changed. */
  _pump(): void
  /** A frame or answer that carries a client_id of ours: whatever it is, it settles the message. */
  _settle(frame: Frame): void
  /** An `error` frame about one of ours. */
  _refuse(frame: Frame): void
  /** Takes a message back that the person does not want to send any more. False when it is not here. */
  discard(clientId: string): boolean
  /** The person asks again: no waiting, and the same client_id. */
  _hurry(): void
  /** Lets go of everything in memory. */
  _leave(): void
  stop(): void
}

/** Permanent by status, where the answer does not say it itself. Anything else may have been a proxy. */
const PERMANENT = [400, 403, 404, 409, 422]

/**
 * Every path starts at the oldest one that is not acknowledged and never skips one; over HTTP one is under way at a time.
 * Nothing leaves the outbox but by an acknowledgement, a refusal for good or the person's own wish.
 */
export function createOutbox(client: OutboxClient, { clock, random }: Basics): Outbox {
  const backoff = createBackoff(random)
  /** After a refusal for now: nothing leaves. */
  const pause = new Timer(clock)
  const due = new Timer(clock)
  let posting: Entry | undefined
  let postNotBefore = 0

  const outbox: Outbox = {
    _entries: [],
    tab: '',
    _ready: (entries) => entries,
    add(draft, more) {
      // What can be no frame is the caller's to hear of, and what it changes later is not sent.
      const entry: Entry = { ...more, draft: JSON.parse(JSON.stringify(draft)), at: clock.now(), tab: outbox.tab }
      outbox._entries.push(entry)
      void outbox.keep(entry)
      return entry
    },
    async keep(entry) {
      await outbox._write?.(entry)
      entry._kept = true
      pump()
    },
    _takeOver(entries) {
      outbox._entries.unshift(...entries)
      again()
      pump()
    },
    find: (clientId) => outbox._entries.find(({ draft }) => draft.client_id === clientId),
    _pump: pump,
    _settle(frame) {
      const entry = outbox.find(frame.client_id)
      if (!entry) return
      take(entry)
      client._acked(entry, frame)
      progress()
    },
    _refuse(frame) {
      const entry = outbox.find(frame.client_id)
      if (!entry) return
      if (frame.retryable === false) {
        take(entry)
        client._failed(entry, frame)
      } else if (frame.code === 'held') entry._held = true
      else {
        // Those behind it were answered `held`: all go again, from this one on, when its time has come.
        again()
        pause.set(frame.retry_after_ms ?? backoff.next(), pump)
      }
      pump()
    },
    discard(clientId) {
      const entry = outbox.find(clientId)
      if (entry) take(entry)
      return !!entry
    },
    _hurry() {
      pause.clear()
      progress()
    },
    _leave() {
      outbox.stop()
      outbox._entries = []
    },
    stop() {
      pause.clear()
      due.clear()
    },
  }
  return outbox

  function take(entry: Entry): void {
    outbox._entries = outbox._entries.filter((one) => one !== entry)
    outbox._drop?.(entry)
  }

  function progress(): void {
    postNotBefore = 0
    backoff.reset()
    pump()
  }

  /** Nothing counts as sent. */
  function again(): void {
    for (const entry of outbox._entries) {
      entry._sentOn = undefined
      entry._held = false
    }
  }

  function refuse({ draft: { client_id } }: Entry, code: Frame['code'] = 'too_large', message?: string): void {
    outbox._refuse({ type: 'error', client_id, code, message, retryable: false } as Frame)
  }

  function pump(): void {
    if (pause._armed) return
    const { _way: way, _maxBytes: maxBytes } = client
    const { number } = way
    const now = clock.now()
    for (const entry of outbox._ready(outbox._entries).slice(0, WINDOW)) {
      const { draft, type } = entry
      if (!entry._kept) break
      if (entry._sentOn === number) continue
      const frame = { type: 'send', ...draft, ...(type && { type }) }
      const bytes = new TextEncoder().encode(JSON.stringify(frame)).length
      // A frame above the server's limit would cost the whole line (1009), again and again.
      if (bytes > maxBytes) return refuse(entry, undefined, `A message may have ${maxBytes} bytes, this one has ${bytes}.`)
      if (!way.send(frame, entry)) break
      entry._held = false
      entry._sentOn = number
      entry._sentAt = now
    }
    due.clear()
    const [oldest] = outbox._ready(outbox._entries)
    if (!oldest?._kept || posting) return
    const mustPost = oldest._held || way._mayPost()
    if (!mustPost && oldest._sentOn !== number) return
    const wait = Math.max(postNotBefore, mustPost ? 0 : oldest._sentAt! + ACK_MS) - now
    if (wait > 0) due.set(wait, pump)
    else void post(oldest)
  }

  async function post(entry: Entry): Promise<void> {
    posting = entry
    entry._sentAt = clock.now()
    // No answer: it may be stored or not, which is why it keeps its client_id.
    const { status, body, retryAfterMs, tieline }: Partial<Answer> = await client._post(entry).catch(() => ({}))
    posting = undefined
    if (!outbox._entries.includes(entry)) return pump()
    if (status! < 300 && (body?.id || entry.type)) return outbox._settle({ type: 'done', ...body, client_id: entry.draft.client_id })
    // Only what the server itself said for good costs a message its place; a proxy's page never does, but for its size.
    const said = typeof body?.retryable === 'boolean' ? !body.retryable && status !== 401 : tieline && PERMANENT.includes(status!)
    if (said || status === 413) return refuse(entry, body?.code, body?.message)
    postNotBefore = clock.now() + (body?.retry_after_ms ?? retryAfterMs ?? backoff.next())
    pump()
  }
}
