import type { ReactNode } from 'react'
import { View } from 'react-native'
import { useSafeAreaInsets } from 'react-native-safe-area-context'
import { useNotifications } from '../chat/notify'
import { ConnectionLine } from '../connection/ConnectionLine'
import { useI18n } from '../i18n/i18n'
import { themed, useWide } from '../theme/theme'
import { EmptyState } from '../ui/EmptyState'
import { ChatList } from './ChatList'

/** On a phone the list or a chat; where there is room both, side by side. */
export function Shell({ isList, children }: { isList: boolean; children: ReactNode }) {
  const styles = useStyles()
  const wide = useWide()
  const insets = useSafeAreaInsets()
  useNotifications()
  return (
    <View style={[styles.all, { paddingTop: insets.top }]}>
      <ConnectionLine />
      <View style={styles.panes}>
        {(wide || isList) && (
          <View style={wide ? styles.side : styles.whole} role={wide ? undefined : 'main'}>
            <ChatList />
          </View>
        )}
        {/* Never taken away: the router loses its place with the screens it cannot draw. */}
        <View style={[styles.whole, !wide && isList && styles.away]} role={wide || !isList ? 'main' : undefined}>
          {children}
        </View>
      </View>
    </View>
  )
}

/** What stands beside the list while no chat is open. */
export function NothingOpen() {
  const { t } = useI18n()
  const styles = useStyles()
  return (
    <View style={styles.empty}>
      <EmptyState icon="chat" title={t('list.pick')} hint={t('list.pickHint')} />
    </View>
  )
}

const useStyles = themed((colors) => ({
  all: { flex: 1, backgroundColor: colors.surface },
  panes: { flex: 1, flexDirection: 'row', minHeight: 0 },
  side: { width: 360, borderEndWidth: 1, borderEndColor: colors.line },
  whole: { flex: 1, minWidth: 0 },
  away: { display: 'none' },
  empty: { flex: 1, backgroundColor: colors.ground },
}))
