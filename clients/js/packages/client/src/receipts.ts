import { type Clock, Timer } from './clock.js'
import type { Thread } from './thread.js'

const EVERY_MS = 1_000

/** Tells the server what was received, read and cleared: at most once a second, and again when it may not have arrived. */
export class Receipts {
  #timer: Timer
  #received = 0
  #wanted = new Map<string, { type: string; conversation: Thread; seq: number }>()
  #say: (type: string, fields: object) => Promise<boolean>

  /** @param say resolves to false, or rejects, when it has to be said again */
  constructor(clock: Clock, say: (type: string, fields: object) => Promise<boolean>) {
    this.#timer = new Timer(clock)
    this.#say = say
  }

  received(pos: number): void {
    this.#received = pos
    this.#plan(EVERY_MS)
  }

  tell(type: 'read' | 'clear', conversation: Thread, seq: number): void {
    this.#wanted.set(type + conversation.id, { type, conversation, seq })
    // An old server clears what is there when it hears of it: what is written next must come after.
    if (type === 'clear') this.flush()
    else this.#plan(this.#timer._armed ? EVERY_MS : 0)
  }

  /** Says all there is to say. What fails is said on the next line. */
  flush = (): void => {
    this.#timer.clear()
    const pos = this.#received
    if (pos) {
      this.#received = 0
      this.#sayOrKeep('recv', { pos }, () => (this.#received ||= pos))
    }
    for (const [key, wanted] of this.#wanted) {
      const { conversation } = wanted.conversation
      if (!conversation) continue
      this.#wanted.delete(key)
      this.#sayOrKeep(wanted.type, { conversation, seq: wanted.seq }, () => {
        if (!this.#wanted.has(key)) this.#wanted.set(key, wanted)
      })
    }
  }

  stop(): void {
    this.#timer.clear()
  }

  #plan(ms: number): void {
    if (!this.#timer._armed) this.#timer.set(ms, this.flush)
  }

  #sayOrKeep(type: string, fields: object, keep: () => void): void {
    this.#say(type, fields).then((said) => said || keep(), keep)
  }
}
