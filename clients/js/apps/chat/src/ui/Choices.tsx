import { View } from 'react-native'
import { themed } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { Press } from './Press'
import { Txt } from './Txt'

interface Props<T extends string> {
  label: string
  value: T
  choices: readonly (readonly [T, string])[]
  onChoose(value: T): void
}

/** One of a few. */
export function Choices<T extends string>({ label, value, choices, onChoose }: Props<T>) {
  const styles = useStyles()
  return (
    <View style={styles.all}>
      <Txt as="label" color="muted">
        {label}
      </Txt>
      <View role="radiogroup" aria-label={label} style={styles.row}>
        {choices.map(([key, text]) => (
          <Press
            key={key}
            role="radio"
            aria-checked={key === value}
            onPress={() => onChoose(key)}
            quiet
            style={[styles.choice, key === value && styles.chosen]}
          >
            <Txt as="label" color={key === value ? 'onAccentSoft' : 'text'}>
              {text}
            </Txt>
          </Press>
        ))}
      </View>
    </View>
  )
}

const useStyles = themed((colors) => ({
  all: { gap: space.s },
  row: { flexDirection: 'row', flexWrap: 'wrap', gap: space.s },
  choice: {
    paddingHorizontal: space.m,
    paddingVertical: space.s,
    borderRadius: radius.pill,
    borderWidth: 1,
    borderColor: colors.line,
    minHeight: 38,
    justifyContent: 'center',
  },
  chosen: { backgroundColor: colors.accentSoft, borderColor: colors.accent },
}))
