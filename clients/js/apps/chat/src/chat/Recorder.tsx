import type { FileToSend } from '@tieline/client'
import { useEffect, useRef, useState } from 'react'
import { View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { themed, useTheme } from '../theme/theme'
import { space } from '../theme/tokens'
import { IconButton } from '../ui/Button'
import { Icon } from '../ui/Icon'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'
import { type Recording, record } from './recorder'
import { clockOf } from './voice'

/** While a voice message is recorded: how long it is, and what becomes of it. It stands where the box to write in was. */
export function Recorder({ onSend, onFailed, onClose }: { onSend(file: FileToSend): void; onFailed(): void; onClose(): void }) {
  const styles = useStyles()
  const { colors } = useTheme()
  const { t, code } = useI18n()
  const [seconds, setSeconds] = useState(0)
  const recording = useRef<Recording | null>(null)
  const over = useRef({ onFailed, onClose })
  over.current = { onFailed, onClose }
  useEffect(() => {
    let wanted = true
    record().then(
      (one) => {
        if (wanted) recording.current = one
        else one.drop()
      },
      () => {
        if (!wanted) return
        over.current.onFailed()
        over.current.onClose()
      },
    )
    const timer = setInterval(() => setSeconds((before) => before + 1), 1_000)
    return () => {
      wanted = false
      clearInterval(timer)
      recording.current?.drop()
    }
  }, [])
  const send = async () => {
    const { current } = recording
    recording.current = null
    if (current) onSend(await current.finish())
    onClose()
  }
  return (
    <View style={styles.row} role="group" aria-label={t('voice.recording')}>
      <IconButton icon="trash" label={t('voice.cancel')} onPress={onClose} color={colors.danger} />
      <View style={styles.box}>
        <View style={styles.dot} />
        <Txt>{t('voice.recording')}</Txt>
        <Txt color="muted">{clockOf(seconds * 1_000, code)}</Txt>
      </View>
      <Press quiet accessibilityLabel={t('voice.send')} onPress={() => void send()} style={styles.send}>
        <Icon name="send" color={colors.onAccent} />
      </Press>
    </View>
  )
}

const useStyles = themed((colors) => ({
  row: { flexDirection: 'row', alignItems: 'center', gap: space.s },
  box: {
    flex: 1,
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.m,
    minHeight: 44,
    borderRadius: 22,
    backgroundColor: colors.surface,
    paddingHorizontal: space.l,
  },
  dot: { width: 10, height: 10, borderRadius: 5, backgroundColor: colors.danger },
  send: { width: 44, height: 44, borderRadius: 22, backgroundColor: colors.accent, alignItems: 'center', justifyContent: 'center' },
}))
