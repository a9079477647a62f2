import type { Clock } from './clock.js'

/**
 * Gives the account's token (a JWT). `reason` says why one is wanted: `connect` at the start, `expiring` when the one in
 * use runs out soon, `refused` when the server did not take it. Throw for trouble that may pass (it is asked again with
 * back-off); throw an error with `status: 401`, or give nothing, when the person is signed out.
 */
export type TokenSource = string | ((reason: TokenReason) => string | null | undefined | Promise<string | null | undefined>)
export type TokenReason = 'connect' | 'expiring' | 'refused'

/**
 * The claims of a JWT, empty for an opaque token. Read for scoping and expiry only: the server is who checks it. What is
 * not ASCII stays as bytes, which is as good a name.
 */
export function claimsOf(token: string): { sub?: string; exp?: number } {
  try {
    const payload = token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/')
    return JSON.parse(atob(payload)) as { sub?: string; exp?: number }
  } catch {
    return {}
  }
}

/** One token at a time, asked for once however many want it. Two refusals in a row mean signed out. */
export interface Tokens {
  /** Told of each new token before anybody uses it. */
  _got?(token: string): void
  /** Told when no token can be had any more. */
  _lost?(): void
  /** The token in hand, or a new one. @throws when there is none, or what the app's callback threw. */
  get(): Promise<string>
  /** A new token from the app, joining a request that is already under way. */
  _fresh(reason: TokenReason): Promise<string>
  /** The server did not take `token`. One that has been replaced meanwhile says nothing about the present one. */
  _refused(token?: string): void
  /** The server took the token. */
  _accepted(): void
  /** A new sign-in of the same account. */
  set(source: TokenSource): void
  /** Forgets a request that hangs, so that the next `get` asks the app again. */
  _abandon(): void
}

export function createTokens(source: TokenSource, clock: Clock): Tokens {
  let current: string | undefined
  /** Undefined where only the server can tell. */
  let expires: number | undefined
  let flight: Promise<string> | undefined
  let reason: TokenReason = 'connect'
  let refusals = 0
  /** How often in a row the app gave none: it may be a moment of trouble, once. */
  let nothing = 0
  const tokens: Tokens = {
    async get() {
      if (refusals > 1) throw none(refusals)
      // A fixed string cannot be renewed: let the server say when it is over.
      if (current && (typeof source === 'string' || !(clock.now() >= expires!))) return current
      return tokens._fresh(current ? 'expiring' : reason)
    },
    _fresh(reason) {
      const mine: Promise<string> = (flight ??= ask(reason).finally(() => {
        if (flight === mine) flight = undefined
      }))
      return mine
    },
    _refused(token = current) {
      if (!token || token !== current) return
      current = undefined
      reason = 'refused'
      // The same fixed string would be refused for ever.
      refusals += typeof source === 'string' ? 2 : 1
    },
    _accepted: () => void (refusals = 0),
    set(another) {
      source = another
      refusals = nothing = 0
      reason = 'connect'
      current = flight = undefined
    },
    _abandon: () => void (flight = undefined),
  }
  return tokens

  function none(times: number): Error {
    if (times > 1) tokens._lost?.()
    return new Error('There is no token.')
  }

  async function ask(why: TokenReason): Promise<string> {
    const asked = source
    let token: string | null | undefined
    try {
      token = typeof asked === 'string' ? asked : await asked(why)
    } catch (error) {
      if ((error as { status?: number } | null)?.status !== 401) throw error
    }
    if (asked !== source) return tokens.get()
    if (!token) throw none(++nothing)
    nothing = 0
    reason = 'connect'
    const { exp } = claimsOf(token)
    // Expired on arrival means that this device's clock is wrong: then only the server judges.
    expires = exp && exp * 1000 > clock.now() ? exp * 1000 : undefined
    tokens._got?.(token)
    return (current = token)
  }
}
