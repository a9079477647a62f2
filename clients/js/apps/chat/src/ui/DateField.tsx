import { View } from 'react-native'
import { useTheme } from '../theme/theme'
import { radius, space, type } from '../theme/tokens'
import { Txt } from './Txt'

export interface DateFieldProps {
  label: string
  /** As 2026-03-01, empty for none. */
  value: string
  onChange(day: string): void
}

/** A day, by the browser's own field: it knows how days are written where its reader lives, has a calendar, and is read aloud. */
export function DateField({ label, value, onChange }: DateFieldProps) {
  const { colors } = useTheme()
  const look = {
    ...type.label,
    lineHeight: 'normal',
    fontFamily: 'inherit',
    boxSizing: 'border-box',
    minHeight: 44,
    width: '100%',
    color: colors.text,
    backgroundColor: colors.raised,
    border: `1px solid ${colors.edge}`,
    borderRadius: radius.m,
    padding: `${space.s}px ${space.m}px`,
  } as const
  return (
    <View style={{ gap: space.xs, flexGrow: 1, flexBasis: 140 }}>
      <Txt as="label" color="muted" aria-hidden>
        {label}
      </Txt>
      <input
        type="date"
        aria-label={label}
        value={value}
        min="1970-01-01"
        max="9999-12-31"
        onChange={({ target }) => onChange(target.value)}
        style={look}
      />
    </View>
  )
}
