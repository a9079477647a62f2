import type { Basics } from './options.js'

let last = 0

/** A UUIDv7 (RFC 9562): sorts in the order in which this process made them, so a restored outbox keeps its order. */
export function uuidv7({ clock, random }: Pick<Basics, 'clock' | 'random'>): string {
  last = Math.max(last + 1, clock.now())
  const time = last.toString(16).padStart(12, '0')
  // React Native may lack a source of random bytes.
  const bytes = (globalThis as { crypto?: Crypto }).crypto?.getRandomValues?.(new Uint8Array(32))
  let at = 0
  return '00000000-0000-7000-8000-000000000000'.replace(/0/g, () => time[at++] ?? ((bytes?.[at] ?? random() * 16) & 15).toString(16))
}
