/** Shorter than this was not a life. */
export const STABLE_MS = 5_000
/** This many short lives in a row, and the WebSocket is tried in the background only. */
const FLAPS = 3
const UPGRADE_MS = [30_000, 120_000, 300_000, 600_000]

/** What this process has seen of WebSockets to the server: whether one may race, and when the next background try is due. */
export function createStanding(random: () => number) {
  let flaps = 0
  let upgrades = 0
  return {
    /** Opened and died again, too often to be tried in front of the person. */
    flapping: () => flaps >= FLAPS,
    /** Opened, and ended before it was stable. */
    died: () => void flaps++,
    proven: () => void (flaps = upgrades = 0),
    /** Later each time, and not with everybody else's. */
    nextUpgradeMs: () => (UPGRADE_MS[upgrades++] ?? UPGRADE_MS[3]!) * (0.75 + random() / 2),
  }
}
