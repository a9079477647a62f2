const KEY = 'tieline-app:told'

/** Tabs hear of a message at different times, a sleeping one a minute later: so many are remembered. */
const REMEMBERED = 200

/** What one tab writes down another may read a moment later only; until then a lock tells them apart. */
const HELD_MS = 10_000

/** True in the one tab that is the first to ask for this message. @throws where nothing can be kept */
export function firstToTell(id: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const turn = async (free: boolean) => {
      const told = (localStorage.getItem(KEY) ?? '').split(' ')
      const first = free && !told.includes(id)
      if (first) localStorage.setItem(KEY, [...told, id].slice(-REMEMBERED).join(' ').trim())
      resolve(first)
      if (first) await new Promise((over) => setTimeout(over, HELD_MS))
    }
    const locks = typeof navigator === 'undefined' ? undefined : navigator.locks
    if (locks) locks.request(`${KEY} ${id}`, { ifAvailable: true }, (lock) => turn(lock !== null)).catch(reject)
    else turn(true).catch(reject)
  })
}
