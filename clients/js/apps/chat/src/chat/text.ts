/** A part of a message's text. */
export type Part = { kind: 'text'; text: string } | { kind: 'link'; text: string; href: string }

const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"'`]+/giu
const TRAILING = /[.,;:!?…'"»”’\])}]+$/u

/** Finds links. Only http and https become links: nothing that runs a script can be pressed. */
export function parts(text: string): Part[] {
  const found: Part[] = []
  let from = 0
  for (const match of text.matchAll(LINK)) {
    let link = match[0]
    const trailing = TRAILING.exec(link)?.[0] ?? ''
    // A closing bracket belongs to the link when it was opened inside it.
    const keep = trailing.startsWith(')') && (link.match(/\(/g)?.length ?? 0) > 0 ? 1 : 0
    link = link.slice(0, link.length - trailing.length + keep)
    const href = safe(link)
    if (!href) continue
    if (match.index > from) found.push({ kind: 'text', text: text.slice(from, match.index) })
    found.push({ kind: 'link', text: link, href })
    from = match.index + link.length
  }
  if (from < text.length) found.push({ kind: 'text', text: text.slice(from) })
  return found
}

/** The address a link leads to, null for one that must not be opened. */
export function safe(link: string): string | null {
  try {
    const url = new URL(/^www\./i.test(link) ? `https://${link}` : link)
    if ((url.protocol !== 'https:' && url.protocol !== 'http:') || url.username || url.password) return null
    return url.href
  } catch {
    return null
  }
}

const EMOJI = /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F?|[\u{1F1E6}-\u{1F1FF}]{2}|\u200D|\p{Emoji_Modifier}|\uFE0F|\s)+$/u

/** True for one to three emoji and nothing else: shown large. */
export function onlyEmoji(text: string): boolean {
  const trimmed = text.trim()
  if (!trimmed || trimmed.length > 30 || !EMOJI.test(trimmed)) return false
  const count =
    typeof Intl !== 'undefined' && 'Segmenter' in Intl ? [...new Intl.Segmenter().segment(trimmed.replace(/\s/g, ''))].length : trimmed.length / 2
  return count >= 1 && count <= 3
}

const LINES = 14
const CHARACTERS = 900

/** The beginning of a long text, null when the text is short enough to be shown whole. */
export function folded(text: string): string | null {
  const lines = text.split('\n')
  const byLines = lines.length > LINES + 2 ? lines.slice(0, LINES).join('\n') : text
  if (byLines.length <= CHARACTERS + 120) return byLines === text ? null : byLines
  const cut = byLines.slice(0, CHARACTERS)
  const space = cut.lastIndexOf(' ')
  return space > CHARACTERS - 80 ? cut.slice(0, space) : cut.replace(/[\uD800-\uDBFF]$/, '')
}

const RTL = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/
const LTR = /[A-Za-z\u00C0-\u024F\u0370-\u03FF\u0400-\u04FF\u0900-\u0DFF\u3040-\u30FF\u4E00-\u9FFF\uAC00-\uD7AF]/

/** Which way a text runs: as its first letter does. */
export function direction(text: string): 'rtl' | 'ltr' | undefined {
  for (const char of text.slice(0, 400)) {
    if (RTL.test(char)) return 'rtl'
    if (LTR.test(char)) return 'ltr'
  }
  return undefined
}
