import type { ComponentType } from 'react'
import { Image, Linking, View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { themed } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'
import { safe } from './text'

type CardData = Readonly<Record<string, unknown>>

/**
 * How an object of the host app is shown, by its `type`: the place where an app adds its own. A component gets the object as
 * it was sent and draws it inside the bubble.
 */
export const cards: Record<string, ComponentType<{ card: CardData; mine: boolean }>> = {}

/** A post, a story, an order: by the component of its type, else as what it says of itself. */
export function Card({ card, mine }: { card: CardData; mine: boolean }) {
  const Own = typeof card.type === 'string' ? cards[card.type] : undefined
  return Own ? <Own card={card} mine={mine} /> : <PlainCard card={card} mine={mine} />
}

const text = (value: unknown) => (typeof value === 'string' && value ? value : null)

function PlainCard({ card, mine }: { card: CardData; mine: boolean }) {
  const styles = useStyles()
  const { t } = useI18n()
  const data = { ...card, ...(typeof card.story_data === 'object' ? (card.story_data as CardData) : {}) } as CardData
  const picture = text(data.image) ?? text(data.image_url) ?? text(data.media_url) ?? text(data.thumbnail)
  const link = safe(text(data.url) ?? text(data.link) ?? '')
  const image = picture && safe(picture)
  return (
    <Press
      quiet
      role={link ? 'link' : ('none' as never)}
      disabled={!link}
      onPress={() => link && void Linking.openURL(link)}
      style={[styles.card, mine && styles.mine, { opacity: 1 }]}
    >
      {image && (
        <Image source={{ uri: image }} style={styles.picture} resizeMode="cover" accessibilityLabel={text(data.title) ?? t('chat.picture')} />
      )}
      <View style={styles.words}>
        <Txt as="tiny" color={mine ? 'onMineMuted' : 'muted'}>
          {text(data.type) ?? (data.story_id ? 'story' : data.post_id ? 'post' : t('chat.card'))}
        </Txt>
        {text(data.title) && (
          <Txt as="strong" color={mine ? 'onMine' : 'text'} numberOfLines={2}>
            {text(data.title)}
          </Txt>
        )}
        {text(data.text) && (
          <Txt as="small" color={mine ? 'onMineMuted' : 'muted'} numberOfLines={3}>
            {text(data.text)}
          </Txt>
        )}
      </View>
    </Press>
  )
}

const useStyles = themed((colors) => ({
  card: { width: 240, maxWidth: '100%', borderRadius: radius.m, overflow: 'hidden', backgroundColor: colors.raised, marginTop: 2 },
  mine: { backgroundColor: 'rgba(0, 0, 0, 0.18)' },
  picture: { width: '100%', height: 132 },
  words: { padding: space.s + 2, gap: 1 },
}))
