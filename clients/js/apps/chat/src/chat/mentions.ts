/** The word after an @ that is being written at the end of the text before the caret; null where there is none. */
export function mentionBegun(text: string): string | null {
  return /(?:^|\s)@([^\s@]{0,40})$/u.exec(text)?.[1] ?? null
}

/** Puts a name in place of what was begun. */
export function mention(text: string, name: string): string {
  return text.replace(/@([^\s@]{0,40})$/u, () => `@${name} `)
}

/** Those of these people whom the text names. The longest name counts: @Ann Lee is not @Ann. */
export function mentioned(text: string, names: ReadonlyMap<string, string>): string[] {
  let rest = text
  const found: string[] = []
  for (const [id, name] of [...names].sort(([, a], [, b]) => b.length - a.length)) {
    if (!rest.includes(`@${name}`)) continue
    found.push(id)
    rest = rest.replaceAll(`@${name}`, ' ')
  }
  return found.slice(0, 50)
}

/** Cuts a text at the names that are meant, so that they can be shown as such. */
export function cutAtNames(text: string, names: readonly string[]): { text: string; name: boolean }[] {
  const wanted = names.map((name) => `@${name}`).sort((a, b) => b.length - a.length)
  const parts: { text: string; name: boolean }[] = []
  let from = 0
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (at < from) continue
    const name = wanted.find((one) => text.startsWith(one, at))
    if (!name) continue
    if (at > from) parts.push({ text: text.slice(from, at), name: false })
    parts.push({ text: name, name: true })
    from = at + name.length
  }
  if (from < text.length) parts.push({ text: text.slice(from), name: false })
  return parts
}
