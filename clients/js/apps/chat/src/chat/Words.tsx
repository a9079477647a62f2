import { useMemo, useState } from 'react'
import { Linking, Platform, Text } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { useTheme } from '../theme/theme'
import { type } from '../theme/tokens'
import { cutAtNames } from './mentions'
import { direction, folded, onlyEmoji, parts } from './text'

const NOBODY: readonly string[] = []

/** What a message says: links that can be pressed, long texts folded, each text in its own direction. */
export function Words({ text, mine, named = NOBODY }: { text: string; mine: boolean; named?: readonly string[] }) {
  const { colors } = useTheme()
  const { t } = useI18n()
  const [open, setOpen] = useState(false)
  const short = useMemo(() => folded(text), [text])
  const shown = short !== null && !open ? short : text
  const pieces = useMemo(() => parts(shown), [shown])
  const way = direction(text)
  const color = mine ? colors.onMine : colors.onTheirs
  const large = onlyEmoji(text)
  const aligned = way && { writingDirection: way, textAlign: way === 'rtl' ? ('right' as const) : ('left' as const) }
  const wrap = Platform.OS === 'web' ? ({ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap', userSelect: 'text' } as object) : undefined
  return (
    <Text style={[large ? type.emoji : type.body, { color }, aligned, wrap]} {...({ dir: way ?? 'auto' } as object)}>
      {pieces.map((piece, at) =>
        piece.kind === 'text' ? (
          cutAtNames(piece.text, named).map((part, place) =>
            part.name ? (
              <Text key={place} style={{ fontWeight: '600', color: mine ? colors.read : colors.accent }}>
                {part.text}
              </Text>
            ) : (
              part.text
            ),
          )
        ) : (
          <Text
            key={at}
            role="link"
            style={{ color, textDecorationLine: 'underline' }}
            {...(Platform.OS === 'web'
              ? ({ href: piece.href, hrefAttrs: { target: '_blank', rel: 'noopener noreferrer nofollow' } } as object)
              : { onPress: () => void Linking.openURL(piece.href) })}
          >
            {piece.text}
          </Text>
        ),
      )}
      {short !== null && (
        <>
          {open ? ' ' : '… '}
          <Text
            role="button"
            aria-expanded={open}
            onPress={() => setOpen(!open)}
            style={{ color, fontWeight: '600', textDecorationLine: 'underline' }}
          >
            {t(open ? 'chat.less' : 'chat.more')}
          </Text>
        </>
      )}
    </Text>
  )
}
