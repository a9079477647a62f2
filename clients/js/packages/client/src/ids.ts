import type { Basics } from './options.js'

let last = 0

/** A UUIDv7 (RFC 9562): sorts in the order in which this process made them, so a restored outbox keeps its order. */
export function uuidv7({ clock, random }: Pick<Basics, 'clock' | 'random'>): string {
  // React Native may lack a source of random bytes.
  const bytes = new Uint8Array(18).map(() => random() * 256)
  ;(globalThis as { crypto?: Crypto }).crypto?.getRandomValues?.(bytes)
  last = Math.max(last + 1, clock.now())
  const digits = [...last.toString(16).padStart(12, '0'), ...[...bytes].map((byte) => (byte % 16).toString(16))]
  return '00000000-0000-7000-8000-000000000000'.replace(/0/g, () => digits.shift()!)
}
