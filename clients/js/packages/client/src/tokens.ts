import type { Clock } from './clock.js'

/**
 * Gives the account's token (a JWT). `reason` says why one is wanted: `connect` at the start, `expiring` when the one in
 * use runs out soon, `refused` when the server did not take it. Throw for trouble that may pass (it is asked again with
 * back-off); throw an error with `status: 401`, or give nothing, when the person is signed out.
 */
export type TokenSource = string | ((reason: TokenReason) => string | null | undefined | Promise<string | null | undefined>)
export type TokenReason = 'connect' | 'expiring' | 'refused'

/** Thrown inside the client when no token can be had any more. */
export class SignedOut extends Error {
  override name = 'SignedOut'
}

/** The claims of a JWT, empty for an opaque token. Read for scoping and expiry only: the server is who checks it. */
export function claimsOf(token: string): { sub?: string; exp?: number } {
  try {
    const payload = token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/')
    return JSON.parse(decodeURIComponent(escape(atob(payload)))) as { sub?: string; exp?: number }
  } catch {
    return {}
  }
}

/** One token at a time, asked for once however many want it. Two refusals in a row mean signed out. */
export class Tokens {
  #source: TokenSource
  #clock: Clock
  #current: string | undefined
  #expires = 0
  #flight: Promise<string> | undefined
  #reason: TokenReason = 'connect'
  #refusals = 0
  #sourceRefusals = 0

  /** Told of each new token before anybody uses it. */
  got: (token: string) => void = () => {}

  constructor(source: TokenSource, clock: Clock) {
    this.#source = source
    this.#clock = clock
  }

  /** The token in hand, or a new one. @throws SignedOut, or what the app's callback threw. */
  get(): Promise<string> {
    if (this.#refusals > 1) return Promise.reject(new SignedOut('The token was refused twice.'))
    // A fixed string cannot be renewed: let the server say when it is over.
    const usable = typeof this.#source === 'string' || this.#clock.now() < this.#expires
    if (this.#current && usable) return Promise.resolve(this.#current)
    return this.fresh(this.#current ? 'expiring' : this.#reason)
  }

  /** A new token from the app, joining a request that is already under way. */
  fresh(reason: TokenReason): Promise<string> {
    const flight: Promise<string> = (this.#flight ??= this.#ask(reason).finally(() => {
      if (this.#flight === flight) this.#flight = undefined
    }))
    return flight
  }

  /** The server did not take `token`. One that has been replaced meanwhile says nothing about the present one. */
  refused(token: string | undefined): void {
    if (token !== this.#current) return
    this.#refusals++
    this.#current = undefined
    this.#reason = 'refused'
    // The same fixed string would be refused for ever.
    if (typeof this.#source === 'string') this.#refusals = 2
  }

  /** The server took the token. */
  accepted(): void {
    this.#refusals = 0
  }

  /** A new sign-in of the same account. */
  set(source: TokenSource): void {
    this.#source = source
    this.#refusals = this.#sourceRefusals = 0
    this.#reason = 'connect'
    this.#current = this.#flight = undefined
  }

  /** Forgets a request that hangs, so that the next `get` asks the app again. */
  abandon(): void {
    this.#flight = undefined
  }

  async #ask(reason: TokenReason): Promise<string> {
    const source = this.#source
    let token: string | null | undefined
    try {
      token = typeof source === 'string' ? source : await source(reason)
    } catch (error) {
      if ((error as { status?: number } | null)?.status !== 401) throw error
    }
    if (source !== this.#source) return this.get()
    if (!token) {
      if (++this.#sourceRefusals > 1) throw new SignedOut('The app gave no token twice.')
      throw new Error('The app gave no token.')
    }
    this.#sourceRefusals = 0
    this.#reason = 'connect'
    const expires = (claimsOf(token).exp ?? 0) * 1000
    // Expired on arrival means that this device's clock is wrong: then only the server judges.
    this.#expires = expires > this.#clock.now() ? expires : Number.POSITIVE_INFINITY
    this.got(token)
    return (this.#current = token)
  }
}
