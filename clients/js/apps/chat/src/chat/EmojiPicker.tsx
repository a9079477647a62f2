import { ScrollView } from 'react-native'
import { themed } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'

/** At a glance: what people use most, and no search for the rest, which every keyboard has. */
export const EMOJI =
  '😀 😄 😂 🤣 😊 😍 😘 😎 🤔 🙄 😴 😢 😭 😡 😱 🥳 👍 👎 👏 🙏 💪 👋 🤝 ✌️ ❤️ 🧡 💚 💙 💔 ✨ 🔥 🎉 💯 ✅ ❌ ⚡ ☀️ 🌙 🌈 🌸 🍕 🍔 🍎 ☕ 🍺 🎂 🏠 🚗 ✈️ 🚲 ⚽ 🎵 📷 💡 📌 ⏰ 💰 🎁'.split(
    ' ',
  )

/** What a message can be answered with by one press. */
export const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const

export function EmojiPicker({ onPick }: { onPick(emoji: string): void }) {
  const styles = useStyles()
  return (
    <ScrollView style={styles.all} contentContainerStyle={styles.grid} keyboardShouldPersistTaps="handled">
      {EMOJI.map((emoji) => (
        <Press key={emoji} accessibilityLabel={emoji} onPress={() => onPick(emoji)} style={styles.one}>
          <Txt as="title">{emoji}</Txt>
        </Press>
      ))}
    </ScrollView>
  )
}

const useStyles = themed((colors) => ({
  all: {
    maxHeight: 172,
    flexGrow: 0,
    backgroundColor: colors.surface,
    borderRadius: radius.l,
    borderWidth: 1,
    borderColor: colors.line,
    marginBottom: space.s,
  },
  grid: { flexDirection: 'row', flexWrap: 'wrap', padding: space.s },
  one: { width: 42, height: 42, alignItems: 'center', justifyContent: 'center', borderRadius: radius.s },
}))
