import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { View } from 'react-native'
import { themed } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { Txt } from './Txt'

interface Announce {
  /** Says it to those who listen, without showing it. */
  say(text: string): void
  /** Shows it for a moment at the foot of the screen, and says it. */
  show(text: string): void
}

const AnnounceContext = createContext<Announce>({ say: () => {}, show: () => {} })
const SHOWN_MS = 3_500
/** What was said stands for those who come to it late, and is gone before it is wrong. */
const SAID_MS = 5_000

export function Announcer({ children }: { children: ReactNode }) {
  const styles = useStyles()
  const [said, setSaid] = useState('')
  const [shown, setShown] = useState('')
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  useEffect(() => {
    const silence = setTimeout(() => setSaid(''), SAID_MS)
    return () => clearTimeout(silence)
  }, [said])
  // The same words twice are said twice: a trailing space makes them new.
  const say = useCallback((text: string) => setSaid((before) => (before === text ? `${text} ` : text)), [])
  const show = useCallback(
    (text: string) => {
      say(text)
      setShown(text)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => setShown(''), SHOWN_MS)
    },
    [say],
  )
  const announce = useMemo(() => ({ say, show }), [say, show])
  return (
    <AnnounceContext.Provider value={announce}>
      {children}
      <View role="status" aria-live="polite" style={styles.hidden}>
        <Txt>{said}</Txt>
      </View>
      {shown !== '' && (
        <View style={styles.place} pointerEvents="none" aria-hidden>
          <View style={styles.toast}>
            <Txt as="label" style={styles.words}>
              {shown}
            </Txt>
          </View>
        </View>
      )}
    </AnnounceContext.Provider>
  )
}

export const useAnnounce = () => useContext(AnnounceContext)

const useStyles = themed((colors) => ({
  hidden: { position: 'absolute', width: 1, height: 1, overflow: 'hidden', opacity: 0 },
  place: { position: 'absolute', bottom: 92, start: 0, end: 0, alignItems: 'center', padding: space.l },
  toast: { backgroundColor: colors.text, borderRadius: radius.pill, paddingHorizontal: space.l, paddingVertical: space.s + 2 },
  words: { color: colors.surface },
}))
