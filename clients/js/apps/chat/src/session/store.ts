/** Small things that outlive the page: the browser's storage. It may be forbidden or full, and then they do not. */
export async function kept(name: string): Promise<string | null> {
  return keptNow(name)
}

/** What is kept, without waiting; null on devices, where it takes a moment. */
export function keptNow(name: string): string | null {
  try {
    return localStorage.getItem(`tieline-app:${name}`)
  } catch {
    return null
  }
}

export async function keep(name: string, value: string | null): Promise<void> {
  try {
    if (value === null) localStorage.removeItem(`tieline-app:${name}`)
    else localStorage.setItem(`tieline-app:${name}`, value)
  } catch {
    // Private windows: it lasts as long as the page.
  }
}

/** A token is kept where the other small things are: the browser has no better place that a script can read. */
export const keptSecret = kept
export const keepSecret = keep
