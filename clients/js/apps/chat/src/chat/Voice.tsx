import { useEffect, useRef, useState } from 'react'
import { View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { themed, useTheme } from '../theme/theme'
import { space } from '../theme/tokens'
import { Icon } from '../ui/Icon'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'
import { clockOf } from './voice'

interface Props {
  url: string
  durationMs: number | undefined
  mine: boolean
}

/** A voice message: heard at a press, with how far it is. */
export function Voice({ url, durationMs, mine }: Props) {
  const styles = useStyles()
  const { colors } = useTheme()
  const { t, code } = useI18n()
  const sound = useRef<HTMLAudioElement | null>(null)
  const [playing, setPlaying] = useState(false)
  const [at, setAt] = useState(0)
  useEffect(() => () => sound.current?.pause(), [])
  const toggle = () => {
    if (!sound.current) {
      const made = new Audio(url)
      made.ontimeupdate = () => setAt(made.currentTime * 1_000)
      made.onplay = () => setPlaying(true)
      made.onpause = () => setPlaying(false)
      made.onended = () => setAt(0)
      sound.current = made
    }
    if (playing) sound.current.pause()
    else void sound.current.play().catch(() => setPlaying(false))
  }
  const share = durationMs ? Math.min(1, at / durationMs) : 0
  return (
    <View style={styles.all}>
      <Press
        quiet
        accessibilityLabel={t(playing ? 'voice.pause' : 'voice.play')}
        onPress={toggle}
        style={[styles.button, mine ? styles.mine : styles.theirs]}
      >
        <Icon name={playing ? 'pause' : 'play'} size={20} color={mine ? colors.mine : colors.onAccent} />
      </Press>
      <View style={styles.words}>
        <View style={[styles.track, { backgroundColor: mine ? colors.onMineMuted : colors.line }]}>
          <View style={[styles.bar, { width: `${Math.round(share * 100)}%`, backgroundColor: mine ? colors.onMine : colors.accent }]} />
        </View>
        <Txt as="tiny" color={mine ? 'onMineMuted' : 'muted'}>
          {clockOf(playing || at ? at : (durationMs ?? 0), code)}
        </Txt>
      </View>
    </View>
  )
}

const useStyles = themed((colors) => ({
  all: { flexDirection: 'row', alignItems: 'center', gap: space.m, minWidth: 200, paddingVertical: space.xs },
  button: { width: 38, height: 38, borderRadius: 19, alignItems: 'center', justifyContent: 'center' },
  mine: { backgroundColor: colors.onMine },
  theirs: { backgroundColor: colors.accent },
  words: { flex: 1, minWidth: 0, gap: 5 },
  track: { height: 4, borderRadius: 2, overflow: 'hidden' },
  bar: { height: 4, borderRadius: 2 },
}))
