import type { SearchQuery } from '@tieline/client'
import { dayBegins } from '../i18n/days'

const DAY_MS = 86_400_000
const SINCE = { week: 7, month: 31, year: 365 }

/** Which of the messages are meant, beside their words. */
export interface Narrow {
  pictures: boolean
  /** Account id of who wrote them, empty for anyone. */
  from: string
  since: 'any' | keyof typeof SINCE | 'days'
  /** The days that were chosen, as 2026-03-01; empty for open. */
  first: string
  last: string
}

export const wide: Narrow = { pictures: false, from: '', since: 'any', first: '', last: '' }

/** For the server. The moments are those of now: ask once per choice. */
export function queryOf({ pictures, from, since, first, last }: Narrow, now = Date.now()): Omit<SearchQuery, 'text'> {
  const [after, before] = since === 'days' ? span(first, last) : since === 'any' ? [] : [new Date(now - SINCE[since] * DAY_MS)]
  return { ...(pictures && { has: 'image' as const }), ...(from && { from }), ...(after && { after }), ...(before && { before }) }
}

/** From the first moment of the first day to the last of the last, whichever of them was given first. */
function span(first: string, last: string): [Date | null, Date | null] {
  const turned = first && last && first > last
  return [dayBegins(turned ? last : first), dayBegins(turned ? first : last, 1)]
}
