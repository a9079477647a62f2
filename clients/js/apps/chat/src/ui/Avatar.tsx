import { useState } from 'react'
import { Image, View } from 'react-native'
import { themed } from '../theme/theme'
import { faces } from '../theme/tokens'
import { Txt } from './Txt'

/** The same person has the same colour everywhere and always. */
export function faceOf(id: string): string {
  let hash = 7
  for (const char of id) hash = (hash * 31 + char.codePointAt(0)!) >>> 0
  return faces[hash % faces.length]!
}

/** The first letters of the first and last word. Whole characters, also where one is several code points. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean)
  const first = (word: string | undefined) => (word ? ([...new Intl.Segmenter().segment(word)][0]?.segment ?? '') : '')
  return (first(words[0]) + (words.length > 1 ? first(words.at(-1)) : '')).toLocaleUpperCase()
}

const segmented = typeof Intl !== 'undefined' && 'Segmenter' in Intl

interface Props {
  id: string
  name: string
  picture?: string | null
  size?: number
  online?: boolean
}

/** A face: the picture, or the initials on the person's colour. It says nothing to a screen reader; the name stands beside it. */
export function Avatar({ id, name, picture, size = 48, online }: Props) {
  const styles = useStyles()
  // One that cannot be shown says nothing of the next.
  const [broken, setBroken] = useState<string | null>(null)
  const round = { width: size, height: size, borderRadius: size / 2 }
  const letters = segmented ? initials(name) : name.slice(0, 1).toUpperCase()
  return (
    <View style={{ width: size, height: size }} aria-hidden accessibilityElementsHidden importantForAccessibility="no-hide-descendants">
      <View style={[styles.face, round, { backgroundColor: faceOf(id) }]}>
        <Txt as="strong" style={[styles.letters, { fontSize: size * 0.36, lineHeight: size * 0.5 }]}>
          {letters || '?'}
        </Txt>
        {picture && picture !== broken && <Image source={{ uri: picture }} onError={() => setBroken(picture)} style={[styles.picture, round]} />}
      </View>
      {online && <View style={[styles.dot, { width: size * 0.28, height: size * 0.28, borderRadius: size * 0.14 }]} />}
    </View>
  )
}

const useStyles = themed((colors) => ({
  face: { alignItems: 'center', justifyContent: 'center', overflow: 'hidden' },
  letters: { color: '#ffffff', letterSpacing: 0.3 },
  picture: { position: 'absolute' },
  dot: { position: 'absolute', bottom: 0, end: 0, backgroundColor: colors.online, borderWidth: 2, borderColor: colors.surface },
}))
