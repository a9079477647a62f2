import { useSyncExternalStore } from 'react'
import { keep, kept } from '../session/store'

/** What was begun and not sent, by chat. Kept on this device, so that a reload loses no word. */
let drafts: Readonly<Record<string, string>> = {}
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setTimeout> | undefined

void kept('drafts').then((text) => {
  if (!text) return
  try {
    drafts = { ...(JSON.parse(text) as Record<string, string>), ...drafts }
    for (const tell of listeners) tell()
  } catch {
    // Written by nobody who could write it right: begin anew.
  }
})

export const draftOf = (id: string) => drafts[id] ?? ''

export function setDraft(id: string, text: string): void {
  const { [id]: before, ...others } = drafts
  if ((before ?? '') === text) return
  drafts = text.trim() ? { ...others, [id]: text } : others
  clearTimeout(timer)
  timer = setTimeout(write, 250)
}

function write(): void {
  clearTimeout(timer)
  timer = undefined
  void keep('drafts', JSON.stringify(drafts))
}

// Whoever leaves the page at once has written the last word all the same.
if (typeof document !== 'undefined') addEventListener('pagehide', () => timer !== undefined && write())

/** Tells the list what was begun, once the chat is left: a row that changes with each key would be a nuisance. */
export function publishDrafts(): void {
  if (timer !== undefined) write()
  for (const tell of listeners) tell()
}

export function forgetDrafts(): void {
  drafts = {}
  void keep('drafts', null)
  publishDrafts()
}

const subscribe = (tell: () => void) => {
  listeners.add(tell)
  return () => void listeners.delete(tell)
}

export const useDrafts = () =>
  useSyncExternalStore(
    subscribe,
    () => drafts,
    () => drafts,
  )
