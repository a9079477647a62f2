import { ar } from './ar'
import { en, type Key, type Language } from './en'
import { hi } from './hi'

export const languages = { en, ar, hi } as const
export type Code = keyof typeof languages
export type Translate = (key: Key, fill?: Record<string, string | number>) => string

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
