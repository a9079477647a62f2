import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { I18nManager, Platform } from 'react-native'
import { keep, kept, keptNow } from '../session/store'
import { ar } from './ar'
import { en, type Key, type Language } from './en'
import { hi } from './hi'

export const languages = { en, ar, hi } as const
export type Code = keyof typeof languages
const RTL: readonly Code[] = ['ar']

export type Translate = (key: Key, fill?: Record<string, string | number>) => string

interface I18n {
  t: Translate
  code: Code
  rtl: boolean
  setLanguage(code: Code): void
}

/** The text in a language, with numbers and names filled in. */
export function translator(code: Code): Translate {
  const texts: Language = languages[code]
  const plural = new Intl.PluralRules(code)
  const number = new Intl.NumberFormat(code)
  return (key, fill = {}) => {
    let text = texts[key] ?? en[key]
    if ('count' in fill && text.includes('|')) {
      const forms = Object.fromEntries(text.split('|').map((form) => [form.slice(0, form.indexOf(':')), form.slice(form.indexOf(':') + 1)]))
      text = forms[plural.select(Number(fill.count))] ?? forms.other ?? text
    }
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = fill[name]
      return value === undefined ? whole : typeof value === 'number' ? number.format(value) : value
    })
  }
}

/** The first of the reader's languages that there is. */
export function preferred(wanted: readonly string[]): Code {
  for (const tag of wanted) {
    const code = tag.toLowerCase().split('-')[0] as Code
    if (code in languages) return code
  }
  return 'en'
}

function deviceLanguages(): readonly string[] {
  if (typeof navigator !== 'undefined' && navigator.languages) return navigator.languages
  return [Intl.DateTimeFormat().resolvedOptions().locale]
}

const I18nContext = createContext<I18n>({ t: translator('en'), code: 'en', rtl: false, setLanguage: () => {} })

export function I18nProvider({ children }: { children: ReactNode }) {
  const [code, setCode] = useState<Code>(() => preferred([keptNow('language') ?? '', ...deviceLanguages()]))
  useEffect(() => {
    void kept('language').then((was) => was && was in languages && setCode(was as Code))
  }, [])
  const rtl = RTL.includes(code)
  useEffect(() => {
    if (Platform.OS === 'web') {
      document.documentElement.dir = rtl ? 'rtl' : 'ltr'
      document.documentElement.lang = code
    } else if (I18nManager.isRTL !== rtl) {
      // A device mirrors its layout when the app is started the next time.
      I18nManager.allowRTL(rtl)
      I18nManager.forceRTL(rtl)
    }
  }, [code, rtl])
  const i18n = useMemo<I18n>(
    () => ({
      t: translator(code),
      code,
      rtl,
      setLanguage: (next) => {
        setCode(next)
        void keep('language', next)
      },
    }),
    [code, rtl],
  )
  return <I18nContext.Provider value={i18n}>{children}</I18nContext.Provider>
}

export const useI18n = () => useContext(I18nContext)
