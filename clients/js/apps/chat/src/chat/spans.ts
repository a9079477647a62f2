import type { Key } from '../i18n/en'
import type { Translate } from '../i18n/i18n'

/** How long messages may stay, in seconds, and what that is called. */
export const SPANS: Readonly<Record<number, Key>> = {
  0: 'disappear.off',
  3600: 'disappear.hour',
  86400: 'disappear.day',
  604800: 'disappear.week',
  2592000: 'disappear.month',
  7776000: 'disappear.quarter',
}

/** A span that another app has chosen is told in hours. */
export const spanName = (seconds: number, t: Translate) => {
  const key = SPANS[seconds]
  return key ? t(key) : `${Math.round(seconds / 3600)} h`
}
