import type { Message } from '@tieline/client'
import { memo, useRef } from 'react'
import { Platform, View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { clock } from '../i18n/time'
import { oneLine } from '../list/rows'
import { themed, useTheme } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { Avatar } from '../ui/Avatar'
import { IconButton } from '../ui/Button'
import { Icon } from '../ui/Icon'
import type { Anchor } from '../ui/Menu'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'
import { Attachments } from './Attachments'
import { Card } from './Card'
import { Marks } from './Marks'
import { onlyEmoji } from './text'
import { Words } from './Words'

interface Props {
  message: Message
  /** First and last of a run of one sender. */
  first: boolean
  last: boolean
  /** Above the first message of somebody in a group. */
  author: string | null
  /** Their picture. */
  picture?: string | null
  /** Names of those who are meant in it. */
  named: readonly string[]
  /** Who said what this message answers. */
  quoted: string | null
  me: string
  connected: boolean
  /** It was looked for, and is here. */
  lit?: boolean
  onMenu(message: Message, at: Anchor): void
  onRetry(message: Message): void
  onDiscard(message: Message): void
  onReact(message: Message, emoji: string): void
  onQuote(id: string): void
}

/** One message. */
export const Bubble = memo(function Bubble(props: Props) {
  const { message, first, last, author, picture = null, named, quoted, me, connected, lit } = props
  const styles = useStyles()
  const { colors } = useTheme()
  const { t, code } = useI18n()
  const bubble = useRef<View>(null)
  const { mine, state, text, deleted } = message
  const failed = state === 'failed'
  const bare = !deleted && onlyEmoji(text) && !message.quote && !message.attachments?.length && !message.card
  const at = clock(message.createdAt, code)
  const mark = !mine ? '' : t(state === 'sending' && !connected ? 'chat.waiting' : (`chat.${state}` as 'chat.sent'))
  const open = () =>
    bubble.current?.measureInWindow((x, y, width, height) => props.onMenu(message, { x: mine ? x + width - 232 : x, y: y + height + 4 }))
  const muted = mine && !bare ? 'onMineMuted' : 'muted'
  const label =
    `${t('chat.said', { name: mine ? t('chat.me') : (author ?? ''), time: at, text: oneLine(message, t) })}${mark ? `. ${mark}` : ''}`.replace(
      /^, /,
      '',
    )
  const contextMenu = Platform.OS === 'web' && {
    onContextMenu: (event: { preventDefault(): void; nativeEvent: { pageX: number; pageY: number } }) => {
      if (globalThis.getSelection?.()?.toString()) return
      event.preventDefault()
      props.onMenu(message, { x: event.nativeEvent.pageX, y: event.nativeEvent.pageY })
    },
  }
  return (
    <View style={[styles.line, mine ? styles.right : styles.left, first && styles.gap]} role="listitem" aria-label={label}>
      {author !== null && !mine && (
        <View style={styles.face}>{last && <Avatar id={message.fromUser ?? ''} name={author} picture={picture} size={28} />}</View>
      )}
      <View style={[styles.column, mine ? styles.alignEnd : styles.alignStart]}>
        {author && first && !mine && (
          <Txt as="tiny" color="muted" style={styles.author}>
            {author}
          </Txt>
        )}
        <View style={[styles.around, mine && styles.reverse]}>
          <Press
            ref={bubble}
            quiet
            role={'none' as never}
            focusable={false}
            tabIndex={-1}
            onLongPress={open}
            delayLongPress={350}
            {...(contextMenu as object)}
            style={[
              styles.bubble,
              bare ? styles.bare : mine ? styles.mine : styles.theirs,
              !bare && (mine ? (last ? styles.tailMine : null) : last ? styles.tailTheirs : null),
              failed && styles.failed,
              lit && styles.lit,
              !mine && !deleted && message.mentions.includes(me) && styles.meant,
            ]}
          >
            {message.forwarded && !deleted && (
              <Txt as="tiny" color={muted}>
                {t('chat.forwarded')}
              </Txt>
            )}
            {message.quote && !deleted && (
              <Press
                quiet
                accessibilityLabel={t('chat.quoted', { text: message.quote.text })}
                onPress={() => props.onQuote(message.quote!.id)}
                style={[styles.quote, mine ? styles.quoteMine : styles.quoteTheirs]}
              >
                <Txt as="tiny" style={{ color: mine ? colors.onMine : colors.accent }}>
                  {quoted}
                </Txt>
                <Txt as="small" numberOfLines={2} style={{ color: mine ? colors.onMineMuted : colors.muted }}>
                  {message.quote.text}
                </Txt>
              </Press>
            )}
            {!deleted && <Attachments message={message} />}
            {!deleted && message.card && <Card card={message.card} mine={mine} />}
            {deleted ? (
              <Txt color={muted} style={styles.gone}>
                {t('chat.deleted')}
              </Txt>
            ) : (
              text !== '' && <Words text={text} mine={mine && !bare} named={named} />
            )}
            <View style={styles.foot}>
              {message.expiresAt && <Icon name="timer" size={12} color={colors[muted]} />}
              {message.pinnedAt && <Icon name="pin" size={12} color={colors[muted]} />}
              {message.starred && <Icon name="star" size={12} color={colors[muted]} />}
              {message.editedAt && !deleted && (
                <Txt as="tiny" color={muted}>
                  {t('chat.edited')}
                </Txt>
              )}
              <Txt as="tiny" color={muted}>
                {at}
              </Txt>
              {mine && !deleted && !failed && <Marks state={state} bare={bare} />}
            </View>
          </Press>
          <IconButton
            icon="down"
            size={16}
            label={t('do.open')}
            onPress={open}
            style={styles.dots}
            aria-haspopup="menu"
            {...({ dataSet: { reveal: '1' } } as object)}
          />
        </View>
        {!!message.reactions?.length && (
          <View style={styles.reactions}>
            {message.reactions.map(({ emoji, count, users }) => (
              <Press
                key={emoji}
                quiet
                accessibilityLabel={`${emoji} ${count}`}
                aria-pressed={users.includes(me)}
                onPress={() => props.onReact(message, emoji)}
                style={[styles.reaction, users.includes(me) && styles.reacted]}
              >
                <Txt as="small">
                  {emoji}
                  {count > 1 ? ` ${new Intl.NumberFormat(code).format(count)}` : ''}
                </Txt>
              </Press>
            ))}
          </View>
        )}
        {failed && (
          <View style={styles.failure}>
            <Icon name="alert" size={14} color={colors.danger} />
            <Txt as="small" color="danger">
              {t('chat.failed')}
              {message.error?.message ? `: ${message.error.message}` : ''}
            </Txt>
            <Press onPress={() => props.onRetry(message)} style={styles.act}>
              <Txt as="label" color="accent">
                {t('chat.retry')}
              </Txt>
            </Press>
            <Press onPress={() => props.onDiscard(message)} style={styles.act}>
              <Txt as="label" color="danger">
                {t('chat.discard')}
              </Txt>
            </Press>
          </View>
        )}
        {mine && state === 'sending' && !connected && (
          <Txt as="tiny" color="muted" style={styles.waiting}>
            {t('chat.waiting')}
          </Txt>
        )}
      </View>
    </View>
  )
})

const useStyles = themed((colors) => ({
  line: { flexDirection: 'row', paddingHorizontal: space.l, paddingVertical: 1 },
  left: { justifyContent: 'flex-start' },
  right: { justifyContent: 'flex-end' },
  face: { width: 36, justifyContent: 'flex-end', paddingBottom: 1 },
  gap: { marginTop: space.s },
  column: { maxWidth: '82%', minWidth: 0, flexShrink: 1 },
  alignStart: { alignItems: 'flex-start' },
  alignEnd: { alignItems: 'flex-end' },
  around: { flexDirection: 'row', alignItems: 'center', maxWidth: '100%' },
  reverse: { flexDirection: 'row-reverse' },
  author: { marginStart: space.m, marginBottom: 2 },
  bubble: { maxWidth: 560, flexShrink: 1, minWidth: 64, paddingHorizontal: space.m, paddingTop: 7, paddingBottom: 5, borderRadius: radius.l, gap: 2 },
  mine: { backgroundColor: colors.mine },
  theirs: { backgroundColor: colors.theirs, borderWidth: 1, borderColor: colors.line },
  bare: { paddingHorizontal: space.xs },
  tailMine: { borderBottomEndRadius: 6 },
  tailTheirs: { borderBottomStartRadius: 6 },
  failed: { opacity: 0.75 },
  meant: { borderColor: colors.accent, borderWidth: 2 },
  lit: { boxShadow: `0 0 0 3px ${colors.accent}` },
  quote: { borderStartWidth: 3, borderRadius: radius.s, paddingHorizontal: space.s, paddingVertical: 4, marginBottom: 2 },
  quoteMine: { borderColor: colors.read, backgroundColor: 'rgba(0, 0, 0, 0.16)' },
  quoteTheirs: { borderColor: colors.accent, backgroundColor: colors.pressed },
  gone: { fontStyle: 'italic' },
  foot: { flexDirection: 'row', alignItems: 'center', alignSelf: 'flex-end', gap: 4, minHeight: 16 },
  dots: { width: 28, height: 28, marginHorizontal: 2 },
  reactions: { flexDirection: 'row', flexWrap: 'wrap', gap: 4, marginTop: 3 },
  reaction: {
    minHeight: 26,
    paddingHorizontal: 8,
    justifyContent: 'center',
    borderRadius: radius.pill,
    backgroundColor: colors.surface,
    borderWidth: 1,
    borderColor: colors.line,
  },
  reacted: { backgroundColor: colors.accentSoft, borderColor: colors.accent },
  failure: { flexDirection: 'row', flexWrap: 'wrap', alignItems: 'center', justifyContent: 'flex-end', gap: space.xs, marginTop: 2 },
  act: { paddingHorizontal: space.s, paddingVertical: 4, borderRadius: radius.s },
  waiting: { marginTop: 2, marginEnd: space.xs },
}))
