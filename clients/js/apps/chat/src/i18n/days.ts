/** A day is written 2026-03-01 here, as a date input of a browser gives it; people write it in the order of their language. */

const FIRST_YEAR = 1970
const DIGITS: readonly (readonly [RegExp, number])[] = [
  [/[\u0660-\u0669]/g, 0x660],
  [/[\u06f0-\u06f9]/g, 0x6f0],
  [/[\u0966-\u096f]/g, 0x966],
]

/** The device's own form of the language, which knows whether the day or the month comes first. */
function localeOf(code: string): string {
  const { locale } = new Intl.DateTimeFormat().resolvedOptions()
  return locale.split('-')[0] === code ? locale : code
}

/** A day as it is written in this language: what a field shows as an example. */
export const writtenDay = (at: Date, code: string, locale = localeOf(code)) =>
  new Intl.DateTimeFormat(locale, { day: '2-digit', month: '2-digit', year: 'numeric' }).format(at)

/** The day that somebody has written, in the order of the language or as 2026-03-01; null where it is none. */
export function readDay(text: string, code: string, locale = localeOf(code)): string | null {
  let plain = text
  for (const [digits, zero] of DIGITS) plain = plain.replace(digits, (digit) => String(digit.charCodeAt(0) - zero))
  const numbers = plain.match(/\d+/g) ?? []
  if (numbers.length !== 3) return null
  const order = numbers[0]!.length === 4 ? ['year', 'month', 'day'] : orderOf(locale)
  const [year, month, day] = ['year', 'month', 'day'].map((part) => Number(numbers[order.indexOf(part)])) as [number, number, number]
  const full = year < 100 ? 2000 + year : year
  const iso = `${full}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  return dayBegins(iso)?.getDate() === day ? iso : null
}

const orderOf = (locale: string) =>
  new Intl.DateTimeFormat(locale, { day: '2-digit', month: '2-digit', year: 'numeric' })
    .formatToParts(0)
    .map(({ type }) => type as string)
    .filter((type) => type !== 'literal')

/** Its first moment, by the clock on the wall; null for what is no day, or one before there were messages. */
export function dayBegins(day: string, later = 0): Date | null {
  const [year, month, date] = day.split('-').map(Number)
  if (!(year! >= FIRST_YEAR && year! <= 9999) || !(month! >= 1 && month! <= 12) || !date) return null
  return new Date(year!, month! - 1, date + later)
}
