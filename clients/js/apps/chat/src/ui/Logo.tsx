import { View } from 'react-native'
import { useTheme } from '../theme/theme'

/** Two bubbles on one line. Drawn of plain views, so that it is the same everywhere. */
export function Logo({ size }: { size: number }) {
  const { colors } = useTheme()
  const unit = size / 14
  const bubble = { position: 'absolute' as const, height: unit * 5, borderRadius: unit * 2.5 }
  return (
    <View aria-hidden style={{ width: size, height: size, borderRadius: size * 0.28, backgroundColor: colors.accent }}>
      <View
        style={[bubble, { left: unit * 2, top: unit * 2.4, width: unit * 7, backgroundColor: colors.onAccent, borderBottomLeftRadius: unit * 0.8 }]}
      />
      <View
        style={[
          bubble,
          {
            right: unit * 2,
            bottom: unit * 2.4,
            width: unit * 5,
            backgroundColor: colors.onAccent,
            opacity: 0.7,
            borderBottomRightRadius: unit * 0.8,
          },
        ]}
      />
    </View>
  )
}
