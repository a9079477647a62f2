import { Backoff } from './backoff.js'
import { type Clock, Timer } from './clock.js'
import type { Frame } from './frames.js'
import type { Answer } from './http.js'
import type { Message } from './message.js'

/** An unacknowledged send is POSTed after this long: the client_id makes that harmless. */
const ACK_MS = 1_500
/** Sends under way on one socket: enough to keep it busy, few enough for a server that slows us down. */
const WINDOW = 64

const FRAME_OVERHEAD = '"type":"send",'.length

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
  files?: readonly PendingFile[]
  shown?: Partial<Message>
}

/** A message on its way, or with a `type` another command. `tab` says who may send it while that tab lives; `at` is the time it was written. */
export interface Pending extends PendingExtras {
  draft: Draft
  at: number
  tab: string
  type?: string
}

export interface OutboxParts {
  clock: Clock
  random: () => number
  tab: string
  /** Writes an entry down; resolves when it may be sent. Without it everything is only here. */
  keep?(entry: Entry): Promise<unknown>
  /** It need not be written down any more. */
  drop?(entry: Entry): void
  /** Which may go now, oldest first. */
  ready?(entries: Entry[]): Entry[]
  /** Sends on the socket; false when there is none. */
  sendFrame(frame: object, pending: Pending): boolean
  /** The number of the present line. */
  line(): number
  mayPost(): boolean
  /** Of one frame, in UTF-8. */
  maxBytes(): number
  post(pending: Pending): Promise<Answer>
  /** The server has stored it. */
  acked(pending: Pending, ack: Frame): void
  /** It will never be stored as it is. */
  failed(pending: Pending, error: Frame): void
}

export interface Entry extends Pending {
  kept: boolean
  /** The line it was sent on, or undefined when it must be sent (again). */
  sentOn: number | undefined
  sentAt: number
  /** Answered `held`: this line takes nothing more until one comes again that may be gone. */
  held: boolean
  bytes: number
}

/** Permanent by status, where the answer does not say it itself. Anything else may have been a proxy. */
const PERMANENT = [400, 403, 404, 409, 422]

/**
 * The sends of one account, in order. Every path starts at the oldest one that is not acknowledged and never skips one;
 * over HTTP one is under way at a time. Nothing leaves the outbox but by an acknowledgement, a refusal for good or the
 * person's own wish.
 */
export class Outbox {
  #parts: OutboxParts
  /** @internal Oldest first. */
  entries: Entry[] = []
  #posting: Entry | undefined
  #backoff: Backoff
  #pause: Timer
  #ackTimer: Timer
  #postTimer: Timer
  #postNotBefore = 0

  constructor(parts: OutboxParts) {
    this.#parts = parts
    this.#backoff = new Backoff(parts.random)
    this.#pause = new Timer(parts.clock)
    this.#ackTimer = new Timer(parts.clock)
    this.#postTimer = new Timer(parts.clock)
  }

  get size(): number {
    return this.entries.length
  }

  add(draft: Draft, more: PendingExtras & { type?: string } = {}): Pending {
    const entry = this.entryOf({ draft, at: this.#parts.clock.now(), tab: this.#parts.tab, ...more })
    this.entries.push(entry)
    void this.keep(entry)
    return entry
  }

  /** Nothing was done yet about what is pending. */
  entryOf(pending: Pending): Entry {
    const bytes = new TextEncoder().encode(JSON.stringify(pending.draft)).length + FRAME_OVERHEAD
    return { ...pending, kept: false, sentOn: undefined, sentAt: 0, held: false, bytes }
  }

  /** Writes down how an entry is now; then it may go. */
  async keep(entry: Entry): Promise<void> {
    await this.#parts.keep?.(entry)
    entry.kept = true
    this.pump()
  }

  /** Takes over what an earlier process or a closed tab left, before all that is new. */
  takeOver(entries: readonly Entry[]): void {
    this.entries.unshift(...entries)
    this.#restartLine()
    this.pump()
  }

  find(clientId: string | undefined): Entry | undefined {
    return this.entries.find(({ draft }) => draft.client_id === clientId)
  }

  /** It is under way, or has been. */
  left(entry: Entry): boolean {
    return entry.sentOn !== undefined || this.#posting === entry
  }

  has(clientId: string): boolean {
    return !!this.find(clientId)
  }

  /** Sends whatever may be sent now. Called whenever something changed. */
  pump = (): void => {
    const { clock, sendFrame, line } = this.#parts
    if (this.#pause.armed) return
    const now = clock.now()
    const race = line()
    this.#refuseOversize()
    let command = false
    for (const entry of this.#ready().slice(0, WINDOW)) {
      // One command at a time: what it does may not be undone by an earlier one that is told again.
      if (!entry.kept || (entry.type && command)) break
      command ||= !!entry.type
      if (entry.sentOn === race) continue
      if (!sendFrame({ type: 'send', ...entry.draft, ...(entry.type && { type: entry.type }) }, entry)) break
      entry.held = false
      entry.sentOn = race
      entry.sentAt = now
    }
    this.#watchAck()
    this.#postOldest()
  }

  /** A frame or answer that carries a client_id of ours: whatever it is, it settles the message. */
  settle(frame: Frame): void {
    const entry = this.#take(frame.client_id)
    if (!entry) return
    this.#backoff.reset()
    this.#postNotBefore = 0
    this.#parts.acked(entry, frame)
    this.pump()
  }

  /** An `error` frame about one of ours. */
  refuse(frame: Frame): void {
    const entry = this.find(frame.client_id)
    if (!entry) return
    if (frame.retryable === false) {
      this.#take(frame.client_id)
      this.#parts.failed(entry, frame)
      return this.pump()
    }
    // Those behind it were answered `held`: all go again, from this one on, when its time has come.
    if (frame.code === 'held') entry.held = true
    else this.#hold(frame.retry_after_ms)
    this.pump()
  }

  /** Takes out everything to one person. */
  release(to: string): Pending[] {
    return this.entries.filter(({ draft }) => draft.to === to).map(({ draft }) => this.#take(draft.client_id)!)
  }

  /** Takes a message back that the person does not want to send any more. False when it is not here. */
  discard(clientId: string): boolean {
    return this.#take(clientId) !== undefined
  }

  /** The person asks again: no waiting, and the same client_id. */
  hurry(): void {
    this.#pause.clear()
    this.#postNotBefore = 0
    this.#backoff.reset()
    this.pump()
  }

  /** Lets go of everything in memory. */
  leave(): void {
    this.stop()
    this.entries = []
  }

  stop(): void {
    for (const timer of [this.#pause, this.#ackTimer, this.#postTimer]) timer.clear()
  }

  #take(clientId: string | undefined): Entry | undefined {
    const entry = this.find(clientId)
    if (entry) {
      this.entries = this.entries.filter((one) => one !== entry)
      this.#parts.drop?.(entry)
    }
    return entry
  }

  #restartLine(): void {
    for (const entry of this.entries) {
      entry.sentOn = undefined
      entry.held = false
    }
  }

  #hold(ms = this.#backoff.next()): void {
    this.#restartLine()
    this.#pause.set(ms, this.pump)
  }

  /** A frame above the server's limit would cost the whole line (1009), again and again. */
  #refuseOversize(): void {
    const limit = this.#parts.maxBytes()
    for (const { draft, bytes } of this.entries.filter((entry) => entry.bytes > limit)) {
      const message = `A message may have ${limit} bytes, this one has ${bytes}.`
      this.refuse({ type: 'error', code: 'too_large', retryable: false, client_id: draft.client_id, message })
    }
  }

  #ready(): Entry[] {
    return this.#parts.ready?.(this.entries) ?? this.entries
  }

  #watchAck(): void {
    const { clock, line } = this.#parts
    const [oldest] = this.#ready()
    if (!oldest || oldest.sentOn !== line() || this.#posting) return this.#ackTimer.clear()
    const due = Math.max(oldest.sentAt + ACK_MS, this.#postNotBefore)
    this.#ackTimer.set(Math.max(0, due - clock.now()), () => void this.#post(oldest))
  }

  #postOldest(): void {
    const [oldest] = this.#ready()
    this.#postTimer.clear()
    if (!oldest?.kept || !(oldest.held || this.#parts.mayPost())) return
    const wait = this.#postNotBefore - this.#parts.clock.now()
    if (wait <= 0) void this.#post(oldest)
    else this.#postTimer.set(wait, this.pump)
  }

  async #post(entry: Entry): Promise<void> {
    if (this.#posting || this.#ready()[0] !== entry) return
    this.#posting = entry
    let answer: Answer | undefined
    try {
      answer = await this.#parts.post(entry)
    } catch {
      // No answer: it may be stored or not, which is why it keeps its client_id.
    }
    this.#posting = undefined
    if (!this.entries.includes(entry)) return this.pump()
    const body = answer?.body
    if (answer && answer.status < 300 && (body?.id || entry.type)) return this.settle({ type: 'done', ...body, client_id: entry.draft.client_id })
    if (answer && refusedForGood(answer)) {
      return this.refuse({ ...body, type: 'error', code: body?.code ?? 'too_large', retryable: false, client_id: entry.draft.client_id })
    }
    const wait = body?.retry_after_ms ?? answer?.retryAfterMs ?? this.#backoff.next()
    this.#postNotBefore = this.#parts.clock.now() + wait
    this.pump()
  }
}

/** Only what the server itself said for good costs a message its place; a proxy's page never does, but for its size. */
function refusedForGood({ status, body, tieline }: Answer): boolean {
  if (status === 413) return true
  if (body && typeof body.retryable === 'boolean') return !body.retryable && status !== 401
  return tieline && PERMANENT.includes(status)
}
