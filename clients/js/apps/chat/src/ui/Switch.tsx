import { View } from 'react-native'
import { themed } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { Press } from './Press'
import { Txt } from './Txt'

/** On or off, with what it means beside it. */
export function Switch({ label, on, onChange }: { label: string; on: boolean; onChange(on: boolean): void }) {
  const styles = useStyles()
  return (
    <Press role="switch" aria-checked={on} accessibilityLabel={label} onPress={() => onChange(!on)} style={styles.all}>
      <Txt as="label" style={styles.label}>
        {label}
      </Txt>
      <View style={[styles.track, on && styles.on]}>
        <View style={styles.knob} />
      </View>
    </Press>
  )
}

const useStyles = themed((colors) => ({
  all: { flexDirection: 'row', alignItems: 'center', gap: space.m, minHeight: 44, borderRadius: radius.s, paddingHorizontal: space.xs },
  label: { flex: 1, minWidth: 0 },
  track: { width: 42, height: 24, borderRadius: 12, padding: 3, backgroundColor: colors.muted, alignItems: 'flex-start', flexShrink: 0 },
  on: { backgroundColor: colors.accent, alignItems: 'flex-end' },
  knob: { width: 18, height: 18, borderRadius: 9, backgroundColor: colors.surface },
}))
