import { createBackoff } from './backoff.js'
import { createCandidates } from './candidates.js'
import type { Channel, Failure } from './channel.js'
import { Timer } from './clock.js'
import { refusesForGood, refusesToken } from './closecodes.js'
import type { Frame } from './frames.js'
import { BACKGROUND, CLOSED, IDLE, LIVE, type Line, type LineClient, type LineHooks, type Phase, RACING, TOKEN, WAITING } from './lineparts.js'
import { createLiveness, WAKE_ANSWER_MS } from './liveness.js'
import type { Basics } from './options.js'

/** How long the WebSocket runs alone before the fetch path starts beside it. */
export const HEDGE_MS = 1_500
const SOCKET_MS = 8_000
/** A background try may sit out the delay that Firefox puts before a WebSocket after failures. */
const UPGRADE_SOCKET_MS = 20_000
/** After a close that says that coming back is useless; something may have changed by then all the same. */
const REFUSED_MS = 60_000
const RACE_EVERY_MS = 2_000
/** Shorter than this was not a life. */
const STABLE_MS = 5_000
/** This many short lives in a row, and the WebSocket is tried in the background only. */
const FLAPS = 3
/** Between tries in the background. */
const UPGRADE_MS = [30_000, 120_000, 300_000, 600_000]
/** Neither live nor waiting for this long means that something hangs that has no timer of its own. */
const WATCHDOG_MS = 60_000

/** The state machine. Every race has a number; what belongs to an older one is ignored. */
export function createLine(client: LineClient, env: Basics, hooks: LineHooks = {}): Line {
  const { clock, random } = env
  const { _tokens: tokens } = client
  const { _told: told = () => {} } = hooks
  let race = 0
  let raceAt = 0
  let head = HEDGE_MS
  let active: Channel | undefined
  /** There is a line, and it is raced against. */
  let stale = false
  let liveSince = 0
  /** Sockets that opened and ended before they were stable. */
  let flaps = 0
  /** Tries in the background since a socket was stable. */
  let upgrades = 0
  const hedge = new Timer(clock)
  const retry = new Timer(clock)
  const upgrade = new Timer(clock)
  const backoff = createBackoff(random)
  const candidates = createCandidates(client, env, hooks, { frame: take, _down: down })
  const liveness = createLiveness(
    clock,
    () => line.send({ type: 'ping' }),
    () => active?._down('silent'),
  )
  const line: Line = {
    _phase: IDLE,
    transport: undefined,
    retryAt: undefined,
    _failedRaces: 0,
    number: 0,
    _mayPost: () => line.transport !== 'ws' && line._phase >= WAITING && line._phase < (hedge._armed ? RACING : TOKEN),
    send: (frame) => !!active?.send(frame),
    start() {
      if (line._phase < LIVE) void run()
    },
    wake(network) {
      const { _phase: phase, transport } = line
      const live = phase === LIVE
      if (live && transport === 'ws' && !network) return line._doubt()
      if (phase < BACKGROUND || phase > LIVE) return
      // A stream or poll cannot be asked whether it lives: race it against new lines.
      stale = live
      backoff.reset()
      // Another network knows nothing of the old one's faults.
      if (network) flaps = upgrades = 0
      const ago = clock.now() - raceAt
      again(ago < 0 || ago > RACE_EVERY_MS || (live && network) ? 0 : RACE_EVERY_MS - ago)
    },
    _doubt() {
      if (line._phase === LIVE) liveness._probe(WAKE_ANSWER_MS)
    },
    _hasten() {
      head = 0
      if (hedge._armed) hedge.set(0, hedged)
    },
    _economize() {
      if (line.transport !== 'stream') return
      stale = true
      tryFetch('poll')
    },
    _rest(phase = BACKGROUND) {
      if (line._phase === CLOSED) return
      drop()
      enter(phase)
    },
    _restart() {
      if (line._phase === LIVE) wait()
    },
  }
  return line

  function enter(phase: Phase): void {
    line._phase = phase
    line.transport = active?.transport
    client._changed()
  }

  function drop(): void {
    race++
    for (const timer of [hedge, retry, upgrade]) timer.clear()
    candidates._drop()
    liveness.stop()
    active?.close()
    active = undefined
    stale = false
  }

  function again(ms: number): void {
    retry.set(ms, () => void run())
  }

  async function run(): Promise<void> {
    if (stale) candidates._drop()
    else drop()
    const mine = ++race
    raceAt = clock.now()
    line.retryAt = undefined
    retry.set(WATCHDOG_MS, () => {
      tokens._abandon()
      void run()
    })
    if (!active) enter(TOKEN)
    try {
      await tokens.get()
    } catch (error) {
      if (mine !== race) return
      told(error)
      return wait()
    }
    if (mine !== race) return
    const flapping = flaps >= FLAPS
    hedge.set(flapping ? 0 : head, hedged)
    if (!active) enter(RACING)
    if (!flapping) void candidates._try('ws', SOCKET_MS)
  }

  /** The head start is over. */
  function hedged(): void {
    const socket = candidates._socket()
    if (socket) told(undefined, socket, true)
    tryFetch()
    client._changed()
  }

  /** The first frame of a candidate: a handshake alone proves nothing. */
  function adopt(channel: Channel): void {
    const ws = channel.transport === 'ws'
    candidates._remove(channel)
    active?.close()
    active = channel
    line.number++
    stale = false
    hedge.clear()
    retry.clear()
    head = ws ? HEDGE_MS : 0
    if (ws) {
      candidates._drop()
      upgrade.clear()
      candidates._worked()
    } else planUpgrade()
    liveSince = clock.now()
    line._failedRaces = 0
    tokens._accepted()
    listen(20)
    enter(LIVE)
  }

  /** A poll is quiet by nature. */
  function listen(pingSeconds: number): void {
    if (active?.transport !== 'poll') liveness.start(pingSeconds)
  }

  function take(channel: Channel, frame: Frame | undefined): void {
    if (frame && active !== channel) adopt(channel)
    if (active === channel) liveness._heard()
    if (!frame) return
    const { type } = frame
    if (type === 'ping') channel.send({ type: 'pong' })
    else if (type === 'goaway') return channel._down('closed', { code: frame.code as number, retryAfterMs: frame.retry_after_ms })
    // Not fatal yet: the server closes with 4401 when it is over, and that asks again.
    else if (type === 'token_expiring') void renew(channel).catch(told)
    else if (frame.ping_s) listen(frame.ping_s)
    client.frame(frame, channel.opened)
  }

  async function renew(channel: Channel): Promise<void> {
    channel.send({ type: 'auth', token: await tokens._fresh('expiring') })
  }

  function down(channel: Channel, failure: Failure): void {
    const { transport } = channel
    const { code, retryAfterMs } = failure
    const ws = transport === 'ws'
    const candidate = active !== channel
    const refused = ws && refusesToken(code)
    const stripped = ws && candidate && candidates._failed()
    const lived = clock.now() - liveSince
    const settled = lived >= STABLE_MS || lived < 0
    told(failure, channel, candidate ? ws : ws && !settled && ++flaps >= FLAPS && lived)
    if (refused && !stripped) tokens._refused()

    if (candidate) {
      candidates._remove(channel)
      if (stripped && refused) void candidates._try('ws', SOCKET_MS)
      if (active && !stale) {
        if (ws) planUpgrade()
      } else if (transport === 'stream') tryFetch('poll')
      else if (ws && hedge._armed) {
        // No need to sit out the head start.
        hedge.clear()
        hedged()
      } else if (candidates._none()) wait(retryAfterMs)
      return
    }

    if (settled) {
      backoff.reset()
      if (ws) flaps = upgrades = 0
    }
    if (!candidates._none()) {
      // A race is on already, beside the line that has just ended.
      active = undefined
      stale = false
      liveness.stop()
      return enter(RACING)
    }
    if (refusesForGood(code)) wait(REFUSED_MS)
    // After a stable time come back within a second, spread out because everybody else was cut off as well.
    else if (settled || retryAfterMs !== undefined) wait((retryAfterMs ?? 0) + random() * 1_000)
    else wait()
  }

  function wait(ms = backoff.next()): void {
    if (!active && line._phase !== LIVE) line._failedRaces++
    drop()
    line.retryAt = clock.now() + ms
    enter(WAITING)
    again(ms)
  }

  function planUpgrade(): void {
    if (upgrade._armed) return
    // Later each time, and not with everybody else's.
    upgrade.set((UPGRADE_MS[upgrades++] ?? UPGRADE_MS[3]!) * (0.75 + random() / 2), () => {
      void candidates._try('ws', UPGRADE_SOCKET_MS)
      if (line.transport === 'poll') tryFetch()
    })
  }

  function tryFetch(transport: 'stream' | 'poll' = 'stream'): void {
    if (line.transport !== transport) void candidates._try(transport)
  }
}
