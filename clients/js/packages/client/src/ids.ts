/** A UUIDv7 (RFC 9562): sorts by the time it was made, so a restored outbox keeps its order. */
export function uuidv7(now: number, random: () => number): string {
  // React Native may lack a source of random bytes.
  const bytes = new Uint8Array(10).map(() => random() * 256)
  ;(globalThis as { crypto?: Crypto }).crypto?.getRandomValues?.(bytes)
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
  const text = hex(now, 12) + [...bytes].map((byte) => hex(byte, 2)).join('')
  // The digits at 12 and 16 say the version and the variant.
  return text.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})/, '$1-$2-7$3-8$4-$5')
}
