import { en, type Key, type Language } from './en'

/** The languages, by their own names. The texts of all but English are loaded when somebody reads them. */
export const languages = { en: 'English', ar: 'العربية', hi: 'हिन्दी' } as const
export type Code = keyof typeof languages
export type Translate = (key: Key, fill?: Record<string, string | number>) => string

/** A name or a text of somebody inside a sentence: it runs in its own direction and turns nothing around. */
export const isolate = (text: string) => `\u2068${text}\u2069`

/** The text in a language, with numbers and names filled in. */
export function translator(code: Code, texts: Language = en): Translate {
  const plural = new Intl.PluralRules(code)
  const number = new Intl.NumberFormat(code)
  return (key, fill = {}) => {
    let text = texts[key]
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

/** @throws when they cannot be had now */
export async function textsOf(code: Code): Promise<Language> {
  if (code === 'ar') return (await import('./ar')).ar
  return code === 'hi' ? (await import('./hi')).hi : en
}

/** The first of the reader's languages that there is. */
export function preferred(wanted: readonly string[]): Code {
  for (const tag of wanted) {
    const code = tag.toLowerCase().split('-')[0] as Code
    if (code in languages) return code
  }
  return 'en'
}
