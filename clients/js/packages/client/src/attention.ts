import { type Clock, Timer } from './clock.js'
import type { Line } from './lineparts.js'
import type { Signals } from './signals.js'

/** `online` fires before the network works, and several events come together. */
const DEBOUNCE_MS = 250
const HIDDEN_MS = 30_000
const BACKGROUND_MS = 5_000

/** Turns what the surroundings tell into what the line does. */
export class Attention {
  /** Nobody has looked for a while. */
  hidden = false
  #line: Line
  #woke: (network: boolean) => void
  #wake: Timer
  #away: Timer
  #stop: () => void

  /**
   * @param woke somebody looks again; `network`: it is another one
   * @param froze this page may not run any more, perhaps for ever
   */
  constructor(clock: Clock, signals: Signals, line: Line, woke: (network: boolean) => void, froze: () => void) {
    this.#line = line
    this.#woke = woke
    this.#wake = new Timer(clock)
    this.#away = new Timer(clock)
    this.#stop = signals((signal) => {
      if (signal === 'offline') return line._doubt()
      if (signal === 'freeze') {
        this.#rest()
        return froze()
      }
      if (signal === 'background') return this.#away.set(BACKGROUND_MS, () => this.#rest())
      if (signal === 'hidden') {
        return this.#away.set(HIDDEN_MS, () => {
          this.hidden = true
          line._economize()
        })
      }
      this.#away.clear()
      this.hidden = false
      this.#wake.set(DEBOUNCE_MS, () => {
        const network = signal === 'network'
        line.wake(network)
        this.#woke(network)
      })
    })
  }

  stop(): void {
    this.#stop()
    this.#wake.clear()
    this.#away.clear()
  }

  #rest(): void {
    this.#wake.clear()
    this.#line._rest()
  }
}
