import type { Transport } from './channel.js'
import type { Diagnosis } from './diagnosis.js'
import { BACKGROUND, CLOSED, LIVE, type Line, SIGNED_OUT, WAITING } from './lineparts.js'

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

/** Without a diagnosis: who looks for one adds it. */
export function connectionState(
  { _phase: phase, transport, retryAt, _failedRaces: failedRaces }: Pick<Line, '_phase' | 'transport' | 'retryAt' | '_failedRaces'>,
  now: number,
  previous?: ConnectionState,
): ConnectionState {
  const live = phase === LIVE
  const offline = phase === BACKGROUND || phase === CLOSED || (phase === WAITING && failedRaces > 0)
  return {
    state: live ? 'online' : phase === SIGNED_OUT ? 'signedOut' : offline ? 'offline' : 'connecting',
    transport: (live && transport) || null,
    retryAt: (offline && retryAt) || null,
    diagnosis: null,
    since: live ? null : (previous?.since ?? now),
  }
}
