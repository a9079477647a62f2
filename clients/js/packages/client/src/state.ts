import type { Transport } from './channel.js'
import type { Diagnosis } from './diagnosis.js'
import type { Phase } from './line.js'

/** How the client is connected. A new object at each change. */
export interface ConnectionState {
  /**
   * connecting: on the way. online: messages come and go. offline: nothing gets through now, it is tried again at
   * `retryAt`; what is sent waits in the outbox. signedOut: the token was refused and no other can be had, or
   * `signOut` was called.
   */
  readonly state: 'connecting' | 'online' | 'offline' | 'signedOut'
  /** What carries an online line. Everything works on each; a poll brings news up to some seconds later. */
  readonly transport: Transport | null
  /** Milliseconds since 1970 of the next try while offline. */
  readonly retryAt: number | null
  /** Why there is no WebSocket, when something was found out. May be set while online over another transport. */
  readonly diagnosis: Diagnosis | null
  /** Milliseconds since 1970 of when it last stopped being online, null while it is. Show a banner after 2 s. */
  readonly since: number | null
}

export function connectionState(
  line: { phase: Phase; transport: Transport | undefined; retryAt: number | undefined; failedRaces: number },
  diagnosis: Diagnosis | undefined,
  previous: ConnectionState | undefined,
  now: number,
): ConnectionState {
  const { phase } = line
  const live = phase === 'live'
  const failing = phase === 'waiting' && line.failedRaces > 0
  const state = live
    ? 'online'
    : phase === 'signedOut'
      ? 'signedOut'
      : failing || phase === 'background' || phase === 'closed'
        ? 'offline'
        : 'connecting'
  return {
    state,
    transport: live ? (line.transport ?? null) : null,
    retryAt: state === 'offline' ? (line.retryAt ?? null) : null,
    diagnosis: (line.transport === 'ws' && live ? undefined : diagnosis) ?? null,
    since: live ? null : (previous?.since ?? now),
  }
}

export function sameState(a: ConnectionState, b: ConnectionState): boolean {
  return (Object.keys(a) as (keyof ConnectionState)[]).every((key) => a[key] === b[key])
}
