import { describe, expect, test } from '@jest/globals'
import { dayBegins, readDay, writtenDay } from '../src/i18n/days'
import { type Narrow, queryOf, wide } from '../src/list/narrow'

describe('a day is read as the language writes it', () => {
  test.each([
    ['en', 'en-US', '3/1/2026', '2026-03-01'],
    ['en', 'en-GB', '1/3/2026', '2026-03-01'],
    ['en', 'en-US', '2026-03-01', '2026-03-01'],
    ['en', 'en-US', '3.1.26', '2026-03-01'],
    ['hi', 'hi-IN', '०१/०३/२०२६', '2026-03-01'],
    ['ar', 'ar-EG', '٠١/٠٣/٢٠٢٦', '2026-03-01'],
    ['ar', 'ar-EG', '\u200f١\u200f/٣\u200f/٢٠٢٦', '2026-03-01'],
    ['en', 'en-US', '2/30/2026', null],
    ['en', 'en-US', '13/1/2026', null],
    ['en', 'en-US', '3/2026', null],
    ['en', 'en-US', '1/1/1969', null],
    ['en', 'en-US', 'tomorrow', null],
    ['en', 'en-US', '', null],
  ])('%s (%s): %s', (code, locale, text, day) => expect(readDay(text, code, locale)).toBe(day))

  test.each(['en-US', 'en-GB', 'hi-IN', 'ar-EG', 'ar'])('what is shown as an example in %s is read', (locale) => {
    expect(readDay(writtenDay(new Date(2026, 2, 1), locale, locale), locale, locale)).toBe('2026-03-01')
  })
})

test('a day begins at midnight where one is, and there are none before messages were', () => {
  expect(dayBegins('2026-03-01')).toEqual(new Date(2026, 2, 1))
  expect(dayBegins('2026-02-28', 1)).toEqual(new Date(2026, 2, 1))
  expect([dayBegins(''), dayBegins('0002-01-01'), dayBegins('2026-13-01')]).toEqual([null, null, null])
})

const cases: [string, Partial<Narrow>, object][] = [
  ['nothing', {}, {}],
  ['pictures of somebody', { pictures: true, from: 'bob' }, { has: 'image', from: 'bob' }],
  ['the last week', { since: 'week', first: '2020-01-01' }, { after: new Date(Date.UTC(2026, 2, 1)) }],
  [
    'days, the last of them whole',
    { since: 'days', first: '2026-03-01', last: '2026-03-02' },
    { after: new Date(2026, 2, 1), before: new Date(2026, 2, 3) },
  ],
  [
    'days in the wrong order',
    { since: 'days', first: '2026-03-02', last: '2026-03-01' },
    { after: new Date(2026, 2, 1), before: new Date(2026, 2, 3) },
  ],
  ['all from a day on', { since: 'days', first: '2026-03-01' }, { after: new Date(2026, 2, 1) }],
  ['all up to a day', { since: 'days', last: '2026-03-01' }, { before: new Date(2026, 2, 2) }],
  ['days that are not chosen yet', { since: 'days', first: '0002-03-01' }, {}],
]

test.each(cases)('a search is narrowed to %s', (_, narrow, query) => expect(queryOf({ ...wide, ...narrow }, Date.UTC(2026, 2, 8))).toEqual(query))
