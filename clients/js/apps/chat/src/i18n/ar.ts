import { en, type Language } from './en'

export const ar: Language = { ...en }
