/** Shorter than this was not a life. */
export const STABLE_MS = 5_000
/** This many short lives in a row, and the WebSocket is tried in the background only. */
const FLAPS = 3
const UPGRADE_MS = [30_000, 120_000, 300_000, 600_000]

/** What this process has seen of WebSockets to the server: whether one may race, and when the next background try is due. */
export class Standing {
  #flaps = 0
  #upgrades = 0
  #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  /** Opened and died again, too often to be tried in front of the person. */
  get flapping(): boolean {
    return this.#flaps >= FLAPS
  }

  died(livedMs: number): void {
    if (livedMs < STABLE_MS) this.#flaps++
  }

  proven(): void {
    this.#flaps = this.#upgrades = 0
  }

  /** Another network knows nothing of the old one's faults. */
  forgive(): void {
    this.#flaps = 0
  }

  /** Later each time, and not with everybody else's. */
  nextUpgradeMs(): number {
    const wait = UPGRADE_MS[Math.min(this.#upgrades++, UPGRADE_MS.length - 1)]!
    return wait * (0.75 + this.#random() / 2)
  }
}
