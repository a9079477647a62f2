import type { FeatureEvents } from './asking.js'
import { Attention } from './attention.js'
import { Base } from './base.js'
import type { Failure } from './channel.js'
import type { Conversation } from './conversation.js'
import { Directory } from './directory.js'
import { dropFiles, wipe } from './fileshelf.js'
import type { Frame } from './frames.js'
import { uuidv7 } from './ids.js'
import { Inquiry } from './inquiry.js'
import { Journal, masked } from './journal.js'
import { accountKey, createKeeper, type Keeper } from './keeper.js'
import { CLOSED, LIVE, type LineHooks, RACING, SIGNED_OUT, WAITING } from './lineparts.js'
import { createLineTabs, type LineTabs } from './linetabs.js'
import type { OldServer } from './oldserver.js'
import { type ChatOptions, type Surroundings, surroundings } from './options.js'
import { connectionState } from './state.js'
import type { TokenSource } from './tokens.js'
import { readyOf, Uploads } from './uploads.js'
import { type FileToSend, fileOf } from './writing.js'

const HOSTILE_FOR_MS = 30 * 60_000
/** Between the polls of a hidden tab, and of one too many. */
const HIDDEN_MS = 60_000
const CROWDED_MS = 5_000
/** What the journal calls them, in their order. */
const PHASES = ['idle', 'signedOut', 'background', 'waiting', 'live', 'racing', 'token', 'closed']

/** One account over one line, kept on this device: how it connects, wakes, rests and ends. */
export abstract class Client extends Base<Conversation, FeatureEvents> {
  /** @internal */
  declare readonly _threads: Directory
  /** @internal */
  declare protected readonly _env: Surroundings
  #tabs: LineTabs
  #journal: Journal
  /** @internal Instead of the line, where the server has no v2. */
  protected _old: OldServer | undefined
  #inquiry: Inquiry
  #keeper: Keeper
  #attention: Attention
  #uploads: Uploads
  /** The line that was last seen to live. */
  #lived = 0

  /** @internal Use `connectChat`. */
  constructor(url: string, token: TokenSource, options: ChatOptions = {}) {
    const env = surroundings(options)
    const { clock, storage } = env
    const tabs = createLineTabs(uuidv7(env), env.locks)
    const journal = new Journal(clock, options.log)
    const conversations = new Directory((id, kind) => this._make(id, kind))
    const line: LineHooks = {
      _rests: async () => {
        if (this.#attention.hidden) return HIDDEN_MS
        const may = await tabs._slot(this.url)
        // The socket may have been faster than the answer.
        if (this._line.transport === 'ws') tabs._freeSlot()
        return may ? undefined : CROWDED_MS
      },
      _shaking: (on) => tabs._shaking(this.url, on),
      _told: (what, channel, doubt) => {
        if (what) journal.note(what)
        const flapped = typeof doubt === 'number' && { how: 'closed' as const, reason: `lived ${doubt} ms` }
        if (doubt === true || flapped) void this.#inquiry.look(what ? { ...(what as Failure), ...flapped } : undefined, channel!.attempt)
      },
    }
    super(url, token, env, conversations, line)
    this.#tabs = tabs
    this.#journal = journal
    const { _http: http, _outbox: outbox } = this
    const { add, _hurry: hurry, _takeOver: takeOver, _leave: leave } = outbox
    outbox._ready = readyOf
    outbox.add = (draft, more) => {
      const entry = add(draft, more)
      if (entry.files) void this.#uploads.start(entry)
      return entry
    }
    outbox._takeOver = (entries) => {
      takeOver(entries)
      for (const entry of entries) if (entry.files) void this.#uploads.start(entry)
    }
    outbox._leave = () => {
      this.#uploads.stop()
      this._forgotten()
      leave()
    }
    outbox._hurry = () => {
      this.#uploads.hurry()
      hurry()
    }
    this.#uploads = new Uploads({
      ...env,
      http,
      outbox,
      progress: (pending, key, fraction) => this._threads.to(pending)._progress(pending.draft.client_id, key, fraction),
    })
    this.#inquiry = new Inquiry({
      clock,
      http,
      fetch: env.fetch,
      url: this.url,
      report: options.report !== false,
      otherTab: () => tabs._othersShaking(this.url),
      note: journal.note,
      changed: () => this.#publish(),
      old: () => void this.#speakOld(),
    })
    const woke = (network: boolean) => {
      if (network) this.#inquiry.forget()
      this.#woke()
    }
    // A page in the back/forward cache must not keep what it wrote from the tabs that live.
    this.#attention = new Attention(clock, env.signals, this._line, woke, () => this.#keeper.stop())
    this.#keeper = createKeeper(this, {
      clock,
      storage,
      _tabs: tabs,
      _named: options.account,
    })
    dropFiles(outbox, storage)
    storage.getItem(this.#hostileKey).then(
      (until) => Number(until) > clock.now() && this._line._hasten(),
      () => {},
    )
  }

  /** @internal */
  protected abstract _make(id: string, kind: 'direct' | 'group'): Conversation
  /** @internal What was asked is another account's now. */
  protected abstract _forgotten(): void

  override setToken(token: TokenSource): void {
    super.setToken(token)
    this._old?.revive()
  }

  override wake(): void {
    this._line.wake()
    this.#woke()
  }

  override close(): void {
    this.#attention.stop()
    this.#inquiry.stop()
    this.#uploads.stop()
    this._old?.close()
    super.close()
    this.#keeper.stop()
  }

  /** Ends this client and wipes what it kept on this device, unsent messages included. */
  async signOut(): Promise<void> {
    this.ended = true
    this._line._rest(SIGNED_OUT)
    const { storage } = this._env
    const wiped = Promise.all([wipe(storage, this.#keeper._leave(), this._outbox), storage.removeItem(accountKey(this.url))])
    this._outbox._leave()
    this._threads._forget()
    this._inbox._forget()
    await wiped.catch(() => {})
    this.close()
  }

  /** A report to paste into a bug report: state, findings and the last events. Contains no secrets and no messages. */
  async explain(): Promise<string> {
    const { evidence, diagnosis, server } = this.#inquiry
    const { code, user, operator } = diagnosis ?? {}
    const lines = [
      `Tieline client at ${new Date(this._env.clock.now()).toISOString()}, ${this.url}, server ${server}`,
      `state ${JSON.stringify({ ...this.state, diagnosis: code })}`,
      `cursor ${this._inbox._since() ?? '-'}, outbox ${this._outbox._entries.length}, account ${this.me ?? '-'}`,
      code ? `diagnosis ${code}: ${user} ${operator}` : 'no diagnosis',
      `evidence ${JSON.stringify(evidence ?? null)}`,
      String(this.#journal),
    ]
    return masked(lines.join('\n'))
  }

  get #hostileKey(): string {
    return `tieline-transport:${this.url}`
  }

  /** @internal */
  protected override _signedOut(): void {
    super._signedOut()
    this._old?.close(SIGNED_OUT)
    this.#publish()
  }

  #woke(): void {
    this._old?.wake()
    this._outbox._hurry()
    this.#keeper._claim()
    void this.#keeper._adopt()
  }

  /** @internal */
  override frame(frame: Frame, opened: string | undefined): void {
    super.frame(frame, opened)
    if (frame.type === 'hello') this.#uploads.hurry()
  }

  /** @internal @throws ChatError */
  protected _upload(file: FileToSend): Promise<string> {
    return this.#uploads.alone(fileOf(file, this._uuid()))
  }

  /** The server has no v2: one socket for each open chat instead of the line. Loaded when there is such a server. */
  async #speakOld(): Promise<void> {
    const { note } = this.#journal
    note('an old server: speaking v1')
    try {
      const { OldServer } = await import('./oldserver.js')
      if (this._line._phase === CLOSED) return
      this._line._rest(CLOSED)
      this._old = new OldServer({
        ...this._env,
        http: this._http,
        tokens: this._tokens,
        directory: this._threads,
        outbox: this._outbox,
        changed: () => this.#publish(),
        note,
      })
      this._way = this._old
      this._old.wake()
      this.#publish()
    } catch (error) {
      // The app's files are out of reach: the next test of the server tries again.
      this.#inquiry.server = 'unknown'
      note(String(error))
    }
  }

  /** @internal */
  override _changed(): void {
    const { _phase: phase, transport, retryAt } = this._line
    this.#journal.note(
      `${PHASES[phase]} ${transport ?? ''} ${retryAt && phase === WAITING ? `${Math.round(retryAt - this._env.clock.now())} ms` : ''}`,
    )
    if (phase === LIVE) this.#lives(transport === 'ws')
    if (transport === 'ws' || (phase !== LIVE && phase !== RACING)) this.#tabs._freeSlot()
    this.#publish()
    this._outbox._pump()
  }

  /** What the line shows of this origin, when it is another line. */
  #lives(ws: boolean): void {
    this.#inquiry.proven()
    const { number } = this._line
    if (number === this.#lived) return
    this.#lived = number
    if (ws) this.#inquiry.settled()
    const { storage, clock } = this._env
    const key = this.#hostileKey
    void (ws ? storage.removeItem(key) : storage.setItem(key, String(clock.now() + HOSTILE_FOR_MS))).catch(() => {})
  }

  #publish(): void {
    const state = connectionState(this._old ?? this._line, this._env.clock.now(), this.state)
    // Where there is a WebSocket, nothing is wrong with it.
    this._publish({ ...state, diagnosis: (state.transport !== 'ws' && this.#inquiry.diagnosis) || null })
  }
}
