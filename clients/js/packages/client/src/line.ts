import { Backoff } from './backoff.js'
import { type Candidate, Candidates, type CandidatesParts } from './candidates.js'
import type { Channel, Failure, Transport } from './channel.js'
import { Timer } from './clock.js'
import { refusesForGood, refusesToken } from './closecodes.js'
import type { Frame } from './frames.js'
import { Handshake } from './handshake.js'
import { Liveness, WAKE_ANSWER_MS } from './liveness.js'
import { STABLE_MS, Standing } from './standing.js'
import { SignedOut, type Tokens } from './tokens.js'

/** How long the WebSocket runs alone before the fetch path starts beside it. */
export const HEDGE_MS = 1_500
const SOCKET_MS = 8_000
/** A background try may sit out the delay that Firefox puts before a WebSocket after failures. */
const UPGRADE_SOCKET_MS = 20_000
/** After a close that says that coming back is useless; something may have changed by then all the same. */
const REFUSED_MS = 60_000
const RACE_EVERY_MS = 2_000
/** Neither live nor waiting for this long means that something hangs that has no timer of its own. */
const WATCHDOG_MS = 60_000
const RANK = { poll: 1, stream: 2, ws: 3 }

export type Phase = 'idle' | 'token' | 'racing' | 'live' | 'waiting' | 'background' | 'signedOut' | 'closed'

export interface LineParts extends CandidatesParts {
  random: () => number
  tokens: Tokens
  frame(frame: Frame, opened: string | undefined): void
  /** Phase or transport is another one. */
  changed(): void
  /** A WebSocket did not work, or not yet: `undefined` when only the head start is over. */
  doubted?(failure: Failure | undefined, attempt: string): void
  /** The WebSocket works. */
  trusted?(): void
  /** Another transport was faster. */
  distrusted?(): void
  /** Is this origin known for blocking WebSockets? Asked at the start of each race. */
  hostile?(): Promise<boolean>
  note?(what: string): void
}

/** The state machine: one line to the server, over the best transport that lives. Every race has a number; what belongs to an older one is ignored. */
export class Line {
  phase: Phase = 'idle'
  transport: Transport | undefined
  retryAt: number | undefined
  /** Races that ended without a line since the last one that lived. */
  failedRaces = 0
  #parts: LineParts
  #race = 0
  #raceAt = Number.NEGATIVE_INFINITY
  #active: Candidate | undefined
  #candidates: Candidates
  #liveSince = 0
  #stale = false
  #standing: Standing
  #comeBackMs: number | undefined
  #backoff: Backoff
  #handshake: Handshake
  #liveness: Liveness
  #hedge: Timer
  #retry: Timer
  #stable: Timer
  #upgrade: Timer
  #watchdog: Timer

  constructor(parts: LineParts) {
    this.#parts = parts
    const { clock } = parts
    this.#standing = new Standing(parts.random)
    this.#backoff = new Backoff(parts.random)
    this.#handshake = new Handshake(parts.http, parts.tokens)
    this.#candidates = new Candidates(parts, this.#handshake, {
      frame: (candidate, frame) => {
        if (this.#active !== candidate && !this.#adopt(candidate)) return
        this.#liveness.heard()
        this.#frame(frame, candidate)
      },
      heard: (candidate) => this.#active === candidate && this.#liveness.heard(),
      down: (candidate, failure) => this.#down(candidate, failure),
    })
    this.#hedge = new Timer(clock)
    this.#retry = new Timer(clock)
    this.#stable = new Timer(clock)
    this.#upgrade = new Timer(clock)
    this.#watchdog = new Timer(clock)
    this.#liveness = new Liveness(
      clock,
      () => this.send({ type: 'ping' }),
      () => this.#active && this.#down(this.#active, { transport: this.#active.channel.transport, how: 'silent' }),
    )
  }

  /** True when messages may go by POST: the socket has had its head start and is not up. */
  get mayPost(): boolean {
    return this.transport !== 'ws' && (this.phase === 'live' || this.phase === 'waiting' || (this.phase === 'racing' && !this.#hedge.armed))
  }

  /** Sends a frame on the socket. False when there is none: nothing was sent. */
  send(frame: object): boolean {
    return this.#active?.channel.send(frame) ?? false
  }

  /** Which line this is, so that what was sent on an older one is known to be unsettled. */
  number = 0

  start(): void {
    if (this.phase === 'idle' || this.phase === 'waiting' || this.phase === 'background') void this.#run()
  }

  /** The person looks again, or the network is said to be back. */
  wake(): void {
    if (this.phase === 'live' && this.transport === 'ws') this.#liveness.probe(WAKE_ANSWER_MS)
    else if (this.phase === 'live' || this.phase === 'waiting' || this.phase === 'background') {
      // A stream or poll cannot be asked whether it lives: race it against new lines.
      this.#stale = this.phase === 'live'
      this.#backoff.reset()
      const tooSoon = this.#raceAt + RACE_EVERY_MS - this.#parts.clock.now()
      this.#retry.set(tooSoon > RACE_EVERY_MS ? 0 : Math.max(0, tooSoon), () => void this.#run())
    }
  }

  /** The network is said to be gone. That lies both ways: ask the line, keep everything. */
  doubt(): void {
    if (this.phase === 'live') this.#liveness.probe(WAKE_ANSWER_MS)
  }

  /** Another network (Wi-Fi to cellular): the present line may stay mute for minutes, so a new one is opened beside it. */
  switchNetwork(): void {
    if (this.phase !== 'live') return this.wake()
    this.#stale = true
    this.#standing.forgive()
    void this.#run()
  }

  /** Nobody looks: an open stream becomes a poll once a minute. A socket costs nothing and stays. */
  economize(): void {
    if (this.transport !== 'stream') return
    this.#stale = true
    this.#tryFetch('poll')
  }

  /** Gives up the line until `start` or `wake`. */
  rest(phase: 'background' | 'closed' | 'signedOut' = 'background'): void {
    if (this.phase === 'closed') return
    this.#race++
    this.#drop()
    this.#enter(phase)
  }

  /** From the state in which no token was to be had. */
  revive(): void {
    if (this.phase === 'signedOut') this.phase = 'idle'
    this.start()
  }

  /** Drops everything and begins again, with back-off. */
  restart(reason: string): void {
    if (this.phase === 'live') this.#wait(this.#backoff.next(), reason)
  }

  #enter(phase: Phase): void {
    this.phase = phase
    if (phase !== 'live') this.transport = this.#active?.channel.transport
    if (phase === 'racing' || phase === 'token') {
      if (!this.#watchdog.armed)
        this.#watchdog.set(WATCHDOG_MS, () => {
          this.#parts.tokens.abandon()
          this.#parts.note?.('watchdog')
          void this.#run()
        })
    } else this.#watchdog.clear()
    this.#parts.changed()
  }

  #drop(): void {
    for (const timer of [this.#hedge, this.#retry, this.#stable, this.#upgrade]) timer.clear()
    this.#candidates.drop()
    this.#liveness.stop()
    this.#active?.channel.close()
    this.#active = undefined
    this.#stale = false
  }

  async #run(): Promise<void> {
    const race = ++this.#race
    const { clock, tokens, hostile, note } = this.#parts
    this.#raceAt = clock.now()
    if (this.#stale) this.#candidates.drop()
    else this.#drop()
    this.retryAt = undefined
    if (!this.#active) this.#enter('token')
    let head = HEDGE_MS
    const hedged = () => {
      const { socket } = this.#candidates
      if (socket) this.#parts.doubted?.(undefined, socket.attempt)
      this.#tryFetch()
      this.#parts.changed()
    }
    void hostile?.().then((is) => {
      if (!is || race !== this.#race) return
      head = 0
      if (this.#hedge.armed) this.#hedge.set(0, hedged)
    })
    try {
      await tokens.get()
    } catch (error) {
      if (race !== this.#race) return
      note?.(`token: ${String(error)}`)
      if (error instanceof SignedOut) return this.rest('signedOut')
      return this.#wait(this.#backoff.next(), 'token')
    }
    if (race !== this.#race) return
    const { flapping } = this.#standing
    this.#hedge.set(flapping ? 0 : head, hedged)
    if (!this.#active) this.#enter('racing')
    if (!flapping) void this.#candidates.trySocket(SOCKET_MS)
  }

  /** The first frame of a candidate: a handshake alone proves nothing. False when there is a better line. */
  #adopt(candidate: Candidate): boolean {
    const { transport } = candidate.channel
    this.#candidates.remove(candidate)
    const old = this.#active
    if (old && !this.#stale && RANK[old.channel.transport] >= RANK[transport]) {
      candidate.channel.close()
      return false
    }
    this.#active = candidate
    this.number++
    this.#stale = false
    old?.channel.close()
    this.#hedge.clear()
    if (transport === 'ws') {
      this.#candidates.drop()
      this.#upgrade.clear()
      this.#handshake.worked()
      this.#parts.trusted?.()
    } else {
      this.#parts.distrusted?.()
      this.#planUpgrade()
    }
    this.#liveSince = this.#parts.clock.now()
    this.#comeBackMs = undefined
    this.failedRaces = 0
    this.#stable.set(STABLE_MS, () => {
      this.#backoff.reset()
      if (transport === 'ws') this.#standing.proven()
    })
    this.transport = transport
    this.#parts.tokens.accepted()
    this.#parts.note?.(`live ${transport}`)
    if (transport !== 'poll') this.#liveness.start(20)
    this.#enter('live')
    return true
  }

  #frame(frame: Frame, { opened, channel }: Candidate): void {
    switch (frame.type) {
      case 'hello':
        if (frame.ping_s && channel.transport !== 'poll') this.#liveness.start(frame.ping_s)
        break
      case 'ping':
        channel.send({ type: 'pong' })
        break
      case 'goaway':
        this.#comeBackMs = frame.retry_after_ms ?? 0
        break
      case 'token_expiring':
        void this.#renew(channel)
        break
    }
    this.#parts.frame(frame, opened)
  }

  async #renew(channel: Channel): Promise<void> {
    try {
      const token = await this.#parts.tokens.fresh('expiring')
      channel.send({ type: 'auth', token })
    } catch (error) {
      // Not fatal yet: the server closes with 4401 when it is over, and that asks again.
      this.#parts.note?.(`token: ${String(error)}`)
    }
  }

  #down(candidate: Candidate, failure: Failure): void {
    const { clock, random, note, doubted, tokens } = this.#parts
    const { transport } = candidate.channel
    candidate.channel.close()
    note?.(`${transport} ${failure.how} ${failure.code ?? ''} ${failure.reason ?? ''}`)
    const wasActive = this.#active === candidate
    const refused = transport === 'ws' && refusesToken(failure.code)
    const stripped = transport === 'ws' && !wasActive && this.#handshake.failed()
    if (refused && !stripped)
      void tokens.get().then(
        (token) => tokens.refused(token),
        () => {},
      )

    if (!wasActive) {
      this.#candidates.remove(candidate)
      if (transport === 'ws') doubted?.(failure, candidate.attempt)
      if (stripped && refused) void this.#candidates.trySocket(SOCKET_MS)
      if (this.#active && !this.#stale) return void (transport === 'ws' && this.#planUpgrade())
      if (transport === 'stream' && failure.code !== 401) return this.#tryFetch('poll')
      if (transport === 'ws' && this.#hedge.armed) {
        // No need to sit out the head start.
        this.#hedge.clear()
        this.#tryFetch()
        return this.#parts.changed()
      }
      if (this.#candidates.none) this.#wait(failure.retryAfterMs ?? this.#backoff.next(), failure.how)
      return
    }

    const lived = clock.now() - this.#liveSince
    const stable = lived >= STABLE_MS || lived < 0
    if (transport === 'ws') {
      if (!stable) this.#standing.died(lived)
      if (this.#standing.flapping) doubted?.({ ...failure, how: 'closed', reason: `lived ${lived} ms` }, candidate.attempt)
    }
    if (!this.#candidates.none) {
      // A race is on already, beside the line that has just ended.
      this.#active = undefined
      this.#stale = false
      this.#liveness.stop()
      return this.#enter('racing')
    }
    // After a stable time come back within a second, spread out because everybody else was cut off as well.
    const soon = (this.#comeBackMs ?? failure.retryAfterMs ?? 0) + random() * 1_000
    const ms = refusesForGood(failure.code) ? REFUSED_MS : stable || this.#comeBackMs !== undefined ? soon : this.#backoff.next()
    this.#wait(ms, failure.how)
  }

  #wait(ms: number, why: string): void {
    const { clock, note } = this.#parts
    this.#race++
    if (!this.#active && this.phase !== 'live') this.failedRaces++
    this.#drop()
    this.retryAt = clock.now() + ms
    note?.(`retry in ${Math.round(ms)} ms after ${why}`)
    this.#enter('waiting')
    this.#retry.set(ms, () => void this.#run())
  }

  #planUpgrade(): void {
    if (!this.#upgrade.armed) this.#upgrade.set(this.#standing.nextUpgradeMs(), () => this.#tryUpgrade())
  }

  #tryFetch(transport: 'stream' | 'poll' = 'stream'): void {
    if (this.transport !== transport) this.#candidates.tryFetch(transport)
  }

  #tryUpgrade(): void {
    void this.#candidates.trySocket(UPGRADE_SOCKET_MS)
    if (this.transport === 'poll') this.#tryFetch()
  }
}
