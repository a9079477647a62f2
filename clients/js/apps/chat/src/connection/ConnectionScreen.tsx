import { useChat, useConnection } from '@tieline/react'
import { useLocalSearchParams, useRouter } from 'expo-router'
import { useEffect, useState } from 'react'
import { ScrollView, View } from 'react-native'
import { useSafeAreaInsets } from 'react-native-safe-area-context'
import { copyText } from '../chat/clipboard'
import { useI18n } from '../i18n/i18n'
import { themed, useTheme } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { useAnnounce } from '../ui/Announcer'
import { Button, IconButton } from '../ui/Button'
import { Icon } from '../ui/Icon'
import { Txt } from '../ui/Txt'
import { type Tried, transportsTried } from './tried'

/** How the chat is connected, what was tried, what was found out, and a report for whoever runs the server. */
export function ConnectionScreen() {
  const styles = useStyles()
  const { t } = useI18n()
  const chat = useChat()
  const router = useRouter()
  // The chats were taken away with the screen they were on: the way back has to be named.
  const { from } = useLocalSearchParams<{ from?: string }>()
  const insets = useSafeAreaInsets()
  const { show } = useAnnounce()
  const connection = useConnection()
  const { state, diagnosis } = connection
  const [report, setReport] = useState('')
  useEffect(() => {
    // A report that contradicts the line above it helps nobody: it is read anew when the state changes.
    const read = () => void chat?.explain().then(setReport)
    read()
    const timer = setInterval(read, 2_000)
    return () => clearInterval(timer)
  }, [chat, state])
  const title = t(
    state === 'online' ? 'net.online' : state === 'connecting' ? 'net.connecting' : state === 'offline' ? 'net.isOffline' : 'net.signedOut',
  )
  return (
    <View style={[styles.all, { paddingTop: insets.top }]} role="main">
      <View style={styles.head}>
        <IconButton icon="back" mirror label={t('chat.back')} onPress={() => router.replace((from?.startsWith('/chat') ? from : '/chat') as never)} />
        <Txt as="title" role="heading">
          {t('net.title')}
        </Txt>
      </View>
      <ScrollView contentContainerStyle={styles.page}>
        <View style={[styles.panel, styles.state]}>
          <View style={[styles.dot, state === 'online' ? styles.good : styles.bad]} />
          <Txt as="heading" style={styles.grow}>
            {title}
          </Txt>
          {/* Where all is well there is nothing to try. */}
          {connection.transport !== 'ws' && <Button title={t('net.tryNow')} kind="soft" onPress={() => chat?.wake()} />}
        </View>
        <View style={styles.panel} role="list">
          {transportsTried(connection).map((one) => (
            <Transport key={one.name} tried={one} />
          ))}
        </View>
        <View style={styles.panel}>
          <Txt as="heading" role="heading">
            {t('net.found')}
          </Txt>
          {diagnosis ? (
            <>
              {diagnosis.user !== '' && <Txt>{diagnosis.user}</Txt>}
              <Txt as="tiny" color="muted">
                {t('net.forOperator')} · {diagnosis.code}
              </Txt>
              <Txt as="small" selectable>
                {diagnosis.operator}
              </Txt>
            </>
          ) : (
            <Txt color="muted">{t('net.nothing')}</Txt>
          )}
        </View>
        <View style={styles.panel}>
          <Txt as="heading" role="heading">
            {t('net.report')}
          </Txt>
          <Txt as="small" color="muted">
            {t('net.reportHint')}
          </Txt>
          <ScrollView style={styles.report} tabIndex={0} aria-label={t('net.report')}>
            <Txt as="small" selectable style={styles.code} {...({ dir: 'ltr' } as object)}>
              {report}
            </Txt>
          </ScrollView>
          <Button title={t('net.copy')} icon="copy" onPress={() => void copyText(report).then(() => show(t('do.copied')))} />
        </View>
      </ScrollView>
    </View>
  )
}

const ICON = { inUse: 'check', failed: 'alert', trying: 'clock', notTried: 'unused' } as const

function Transport({ tried: { name, state } }: { tried: Tried }) {
  const styles = useStyles()
  const { colors } = useTheme()
  const { t } = useI18n()
  const color = state === 'inUse' ? colors.online : state === 'failed' ? colors.warn : colors.muted
  return (
    <View style={styles.transport} role="listitem">
      <Icon name={ICON[state]} color={color} />
      <View style={styles.grow}>
        <Txt as="strong">{t(`net.${name}`)}</Txt>
        <Txt as="small" color="muted">
          {t(`net.${name}Hint`)}
        </Txt>
      </View>
      <Txt as="label" color="muted">
        {t(`net.${state}`)}
      </Txt>
    </View>
  )
}

const useStyles = themed((colors) => ({
  all: { flex: 1, backgroundColor: colors.ground },
  head: {
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.s,
    minHeight: 64,
    paddingHorizontal: space.s,
    backgroundColor: colors.surface,
    borderBottomWidth: 1,
    borderBottomColor: colors.line,
  },
  page: { width: '100%', maxWidth: 680, alignSelf: 'center', padding: space.l, gap: space.l },
  panel: { backgroundColor: colors.surface, borderRadius: radius.l, borderWidth: 1, borderColor: colors.line, padding: space.l, gap: space.s },
  state: { flexDirection: 'row', alignItems: 'center', gap: space.m },
  dot: { width: 12, height: 12, borderRadius: 6 },
  good: { backgroundColor: colors.online },
  bad: { backgroundColor: colors.warn },
  grow: { flex: 1, minWidth: 0 },
  transport: { flexDirection: 'row', alignItems: 'center', gap: space.m, minHeight: 48 },
  report: { maxHeight: 220, backgroundColor: colors.raised, borderRadius: radius.m, padding: space.m },
  code: { fontFamily: 'ui-monospace, Menlo, Consolas, monospace' },
}))
