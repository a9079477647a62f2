import { useChat, useConnection } from '@tieline/react'
import { usePathname, useRouter } from 'expo-router'
import { useEffect, useState } from 'react'
import { View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { themed, useTheme } from '../theme/theme'
import { space } from '../theme/tokens'
import { Icon } from '../ui/Icon'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'

/** One quiet line when the chat is not, or not fully, connected; nothing at all otherwise. */
export function ConnectionLine() {
  const styles = useStyles()
  const { colors } = useTheme()
  const { t } = useI18n()
  const chat = useChat()
  const router = useRouter()
  const path = usePathname()
  const { state, transport, banner, retryAt, diagnosis } = useConnection()
  const left = useSecondsTo(state === 'offline' ? retryAt : null)
  const slow = useSlow(state === 'online' && transport !== 'ws')
  if (!slow && !banner) return null
  const text =
    state === 'signedOut'
      ? t('auth.again')
      : slow
        ? t('net.slow')
        : state === 'connecting'
          ? t('net.connecting')
          : left > 0
            ? t('net.offlineIn', { count: left })
            : t('net.offline')
  return (
    <View style={[styles.line, slow && styles.soft]} role="status" aria-live="polite">
      <Icon name="signal" size={16} color={slow ? colors.onAccentSoft : colors.warn} />
      <Txt as="small" style={[styles.words, { color: slow ? colors.onAccentSoft : colors.warn }]}>
        {text}
      </Txt>
      {state === 'offline' && (
        <Press quiet onPress={() => chat?.wake()} style={styles.act}>
          <Txt as="label" color="warn">
            {t('net.tryNow')}
          </Txt>
        </Press>
      )}
      {(diagnosis || slow || state === 'offline') && (
        <Press quiet role="link" onPress={() => router.navigate({ pathname: '/connection', params: { from: path } })} style={styles.act}>
          <Txt as="label" style={{ color: slow ? colors.onAccentSoft : colors.warn }}>
            {t('net.why')}
          </Txt>
        </Press>
      )}
    </View>
  )
}

const SLOW_AFTER_MS = 700

/** True once it has been slow for a moment: a WebSocket that is only late is not worth a word. */
function useSlow(now: boolean): boolean {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(now), now ? SLOW_AFTER_MS : 0)
    return () => clearTimeout(timer)
  }, [now])
  return slow && now
}

/** Whole seconds until a moment, counted down; 0 without one. */
function useSecondsTo(at: number | null): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (at === null) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [at])
  return at === null ? 0 : Math.max(0, Math.ceil((at - now) / 1_000))
}

const useStyles = themed((colors) => ({
  line: {
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.s,
    minHeight: 36,
    paddingHorizontal: space.l,
    paddingVertical: 4,
    backgroundColor: colors.warnSoft,
  },
  soft: { backgroundColor: colors.accentSoft },
  words: { flex: 1, minWidth: 0 },
  act: { paddingVertical: 4, paddingHorizontal: space.s, borderRadius: 6 },
}))
