import { type Clock, Timer } from './clock.js'
import type { Frame } from './frames.js'

const DEBOUNCE_MS = 50
const MOST = 200
/** Where presence does not come by itself (a poll, a POST), it is asked for. */
const ASK_MS = 60_000

export interface Presence {
  readonly online: boolean
  /** UTC, ISO 8601; null where it may not be known. */
  readonly lastSeen: string | null
}

export interface WatchParts {
  clock: Clock
  /** Says it on the socket; false when there is none. */
  send(frame: object): boolean
  ask(path: string): Promise<Frame>
  changed(user: string): void
}

/** Who of those that are looked at is online now. The server forgets whom we watch with the line. */
export class Watch {
  #parts: WatchParts
  #watched = new Map<string, number>()
  #known = new Map<string, Presence>()
  #met = new Set<string>()
  #timer: Timer

  constructor(parts: WatchParts) {
    this.#parts = parts
    this.#timer = new Timer(parts.clock)
  }

  /** Watches people until the returned function is called. */
  add(users: readonly string[]): () => void {
    for (const user of users) this.#watched.set(user, (this.#watched.get(user) ?? 0) + 1)
    this.#plan()
    let over = false
    return () => {
      if (over) return
      over = true
      for (const user of users) {
        const left = this.#watched.get(user)! - 1
        if (left) this.#watched.set(user, left)
        else this.#watched.delete(user)
      }
      this.#plan()
    }
  }

  /** There is a chat with them: what the server would not tell before, it tells now. */
  met(user: string): void {
    if (this.#met.has(user)) return
    this.#met.add(user)
    if (this.#watched.has(user)) this.#plan()
  }

  of(user: string): Presence | null {
    return this.#known.get(user) ?? null
  }

  /** A line begins, or ends: what was known is no longer. */
  anew(): void {
    const users = [...this.#known.keys()]
    this.#known.clear()
    for (const user of users) this.#parts.changed(user)
    if (this.#watched.size) this.#plan()
  }

  heard({ user, online, last_seen }: Frame): void {
    if (!user) return
    this.#known.set(user, { online: online === true, lastSeen: (last_seen as string | null | undefined) ?? null })
    this.#parts.changed(user)
  }

  stop(): void {
    this.#timer.clear()
  }

  #plan(): void {
    this.#timer.set(DEBOUNCE_MS, () => void this.#tell())
  }

  async #tell(): Promise<void> {
    const users = [...this.#watched.keys()].slice(-MOST)
    if (this.#parts.send({ type: 'watch', users }) || !users.length) return
    this.#timer.set(ASK_MS, () => void this.#tell())
    try {
      const { presence } = await this.#parts.ask(`/presence?users=${users.map(encodeURIComponent).join()}`)
      for (const one of (presence as Frame[] | undefined) ?? []) this.heard(one)
    } catch {
      // It is a nicety.
    }
  }
}
