import { memo } from 'react'
import { View } from 'react-native'
import { isolate, useI18n } from '../i18n/i18n'
import { shortWhen } from '../i18n/time'
import { themed, useTheme } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { Avatar } from '../ui/Avatar'
import { Icon } from '../ui/Icon'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'
import { oneLine, type Row } from './rows'

interface Props {
  row: Row
  selected: boolean
  online: boolean
  typing: boolean
  onOpen(id: string): void
}

/** One chat: who, what was said last, when, and what is unread. */
export const ChatRow = memo(function ChatRow({ row, selected, online, typing, onOpen }: Props) {
  const styles = useStyles()
  const { colors } = useTheme()
  const { t, code } = useI18n()
  const { last, unread } = row
  const text = last ? oneLine(last, t) : ''
  const said = last?.mine && !last.deleted && !last.system ? t('list.you', { text: isolate(text) }) : text
  const when = last ? shortWhen(last.createdAt, code, t) : ''
  const strong = unread > 0 && !row.muted
  return (
    <Press role="link" aria-current={selected ? 'page' : undefined} onPress={() => onOpen(row.id)} style={[styles.row, selected && styles.selected]}>
      <Avatar id={row.id} name={row.name} picture={row.avatar} online={online} />
      <View style={styles.words}>
        <View style={styles.line}>
          <Txt as="strong" numberOfLines={1} style={styles.grow}>
            {row.name}
          </Txt>
          {row.muted && (
            <View role="img" aria-label={t('list.muted')}>
              <Icon name="mute" size={15} color={colors.muted} />
            </View>
          )}
          {row.blocked && (
            <View role="img" aria-label={t('list.blocked')}>
              <Icon name="block" size={15} color={colors.danger} />
            </View>
          )}
          <Txt as="tiny" color={strong ? 'accent' : 'muted'}>
            {when}
          </Txt>
        </View>
        <View style={styles.line}>
          {typing ? (
            <Txt as="small" color="accent" numberOfLines={1} style={styles.grow}>
              {t('chat.typing')}
            </Txt>
          ) : (
            <Txt as="small" color={strong ? 'text' : 'muted'} numberOfLines={1} style={[styles.grow, strong && styles.strong]}>
              {row.draft ? (
                <>
                  <Txt as="small" color="warn">
                    {t('list.draft')}{' '}
                  </Txt>
                  {row.draft}
                </>
              ) : (
                said
              )}
            </Txt>
          )}
          {unread > 0 && (
            <View role="img" aria-label={t('list.unread', { count: unread })} style={[styles.badge, row.muted && styles.quiet]}>
              <Txt as="tiny" color={row.muted ? 'text' : 'onAccent'}>
                {unread > 99 ? '99+' : new Intl.NumberFormat(code).format(unread)}
              </Txt>
            </View>
          )}
        </View>
      </View>
    </Press>
  )
})

const useStyles = themed((colors) => ({
  row: {
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.m,
    paddingHorizontal: space.m,
    paddingVertical: space.m - 2,
    borderRadius: radius.m,
    marginHorizontal: space.s,
  },
  selected: { backgroundColor: colors.selected },
  words: { flex: 1, minWidth: 0, gap: 2 },
  line: { flexDirection: 'row', alignItems: 'center', gap: space.s, minHeight: 20 },
  grow: { flex: 1, minWidth: 0, textAlign: 'auto' },
  strong: { fontWeight: '500' },
  badge: {
    minWidth: 20,
    height: 20,
    borderRadius: 10,
    paddingHorizontal: 6,
    backgroundColor: colors.accent,
    alignItems: 'center',
    justifyContent: 'center',
  },
  quiet: { backgroundColor: colors.pressed },
}))
