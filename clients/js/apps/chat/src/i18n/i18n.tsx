import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { I18nManager, Platform } from 'react-native'
import { keep, kept, keptNow } from '../session/store'
import { en, type Language } from './en'
import { type Code, languages, preferred, type Translate, textsOf, translator } from './translate'

export { type Code, isolate, languages, type Translate } from './translate'

/** After this the texts are asked for again. */
const AGAIN_MS = 3_000

const RTL: readonly Code[] = ['ar']

interface I18n {
  t: Translate
  code: Code
  rtl: boolean
  setLanguage(code: Code): void
}

function deviceLanguages(): readonly string[] {
  if (typeof navigator !== 'undefined' && navigator.languages) return navigator.languages
  return [Intl.DateTimeFormat().resolvedOptions().locale]
}

const I18nContext = createContext<I18n>({ t: translator('en'), code: 'en', rtl: false, setLanguage: () => {} })

export function I18nProvider({ children }: { children: ReactNode }) {
  const [wanted, setWanted] = useState<Code>(() => preferred([keptNow('language') ?? '', ...deviceLanguages()]))
  const [{ code, texts }, setTexts] = useState<{ code: Code; texts: Language | null }>({ code: 'en', texts: wanted === 'en' ? en : null })
  useEffect(() => {
    void kept('language').then((was) => was && was in languages && setWanted(was as Code))
  }, [])
  useEffect(() => {
    let still = true
    let timer: ReturnType<typeof setTimeout>
    const read = () =>
      void textsOf(wanted).then(
        (texts) => still && setTexts({ code: wanted, texts }),
        () => {
          if (!still) return
          // Without a network English is better than nothing, until there is one.
          setTexts((before) => (before.texts ? before : { code: 'en', texts: en }))
          timer = setTimeout(read, AGAIN_MS)
        },
      )
    read()
    return () => {
      still = false
      clearTimeout(timer)
    }
  }, [wanted])
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
      t: translator(code, texts ?? en),
      code,
      rtl,
      setLanguage: (next) => {
        setWanted(next)
        void keep('language', next)
      },
    }),
    [code, rtl, texts],
  )
  // Nothing for a moment is better than another language for a moment.
  return <I18nContext.Provider value={i18n}>{texts && children}</I18nContext.Provider>
}

export const useI18n = () => useContext(I18nContext)
