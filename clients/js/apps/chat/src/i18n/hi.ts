import { en, type Language } from './en'

export const hi: Language = { ...en }
