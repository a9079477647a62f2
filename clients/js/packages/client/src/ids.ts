import type { Basics } from './options.js'

/** A UUIDv7 (RFC 9562): sorts by the time it was made, so a restored outbox keeps its order. */
export function uuidv7({ clock, random }: Pick<Basics, 'clock' | 'random'>): string {
  // React Native may lack a source of random bytes.
  const bytes = new Uint8Array(18).map(() => random() * 256)
  ;(globalThis as { crypto?: Crypto }).crypto?.getRandomValues?.(bytes)
  const digits = [...clock.now().toString(16).padStart(12, '0'), ...[...bytes].map((byte) => (byte % 16).toString(16))]
  return '00000000-0000-7000-8000-000000000000'.replace(/0/g, () => digits.shift()!)
}
