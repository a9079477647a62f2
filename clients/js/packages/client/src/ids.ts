/** 16 random bytes, from the platform where it has a source (React Native may lack one). */
function randomBytes(random: () => number): Uint8Array {
  const bytes = new Uint8Array(16)
  const crypto = (globalThis as { crypto?: Crypto }).crypto
  if (crypto?.getRandomValues) return crypto.getRandomValues(bytes)
  return bytes.map(() => random() * 256)
}

/** A UUIDv7 (RFC 9562): sorts by the time it was made, so a restored outbox keeps its order. */
export function uuidv7(now: number, random: () => number): string {
  const bytes = randomBytes(random)
  for (let i = 5, rest = now; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
