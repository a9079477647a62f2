import type { Code, Translate } from './translate'

const DAY = 86_400_000
const made = new Map<string, Intl.DateTimeFormat>()

function format(code: Code, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = code + JSON.stringify(options)
  let one = made.get(key)
  if (!one) made.set(key, (one = new Intl.DateTimeFormat(code, options)))
  return one
}

const startOfDay = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime()

/** Days from `at` to `now`, by the calendar on the wall. */
export const daysAgo = (at: Date, now: Date) => Math.round((startOfDay(now) - startOfDay(at)) / DAY)

/** Names a day: the same for all moments of it. */
export const dayKey = (iso: string) => String(startOfDay(new Date(iso)))

export const clock = (iso: string, code: Code) => format(code, { hour: 'numeric', minute: '2-digit' }).format(new Date(iso))

/** The heading over the messages of a day. */
export function dayName(iso: string, code: Code, t: Translate, now = new Date()): string {
  const at = new Date(iso)
  const ago = daysAgo(at, now)
  if (ago === 0) return t('day.today')
  if (ago === 1) return t('day.yesterday')
  if (ago > 1 && ago < 7) return format(code, { weekday: 'long' }).format(at)
  return format(code, { day: 'numeric', month: 'long', ...(at.getFullYear() !== now.getFullYear() && { year: 'numeric' }) }).format(at)
}

/** When a message came, as short as a row of the list has room for. */
export function shortWhen(iso: string, code: Code, t: Translate, now = new Date()): string {
  const at = new Date(iso)
  const ago = daysAgo(at, now)
  if (ago <= 0) return clock(iso, code)
  if (ago === 1) return t('day.yesterday')
  if (ago < 7) return format(code, { weekday: 'short' }).format(at)
  return format(code, { day: 'numeric', month: 'short', ...(at.getFullYear() !== now.getFullYear() && { year: '2-digit' }) }).format(at)
}

/** For "last seen": the time, with the day where it was not today. */
export function longWhen(iso: string, code: Code, t: Translate, now = new Date()): string {
  return daysAgo(new Date(iso), now) === 0 ? clock(iso, code) : `${dayName(iso, code, t, now)} ${clock(iso, code)}`
}
