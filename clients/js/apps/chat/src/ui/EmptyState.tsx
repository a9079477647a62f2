import type { ReactNode } from 'react'
import { View } from 'react-native'
import { themed, useTheme } from '../theme/theme'
import { space } from '../theme/tokens'
import { Icon } from './Icon'
import type { IconName } from './paths'
import { Txt } from './Txt'

/** What stands where nothing is yet: what it is, and what to do. */
export function EmptyState({ icon, title, hint, children }: { icon: IconName; title: string; hint?: string; children?: ReactNode }) {
  const styles = useStyles()
  const { colors } = useTheme()
  return (
    <View style={styles.all}>
      <View style={styles.halo}>
        <Icon name={icon} size={34} color={colors.onAccentSoft} />
      </View>
      <Txt as="title" center>
        {title}
      </Txt>
      {hint && (
        <Txt color="muted" center style={styles.hint}>
          {hint}
        </Txt>
      )}
      {children}
    </View>
  )
}

const useStyles = themed((colors) => ({
  all: { flex: 1, alignItems: 'center', justifyContent: 'center', padding: space.xxl, gap: space.s },
  halo: {
    width: 84,
    height: 84,
    borderRadius: 42,
    backgroundColor: colors.accentSoft,
    alignItems: 'center',
    justifyContent: 'center',
    marginBottom: space.s,
  },
  hint: { maxWidth: 320, marginBottom: space.m },
}))
