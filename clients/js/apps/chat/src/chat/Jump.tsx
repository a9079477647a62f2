import { View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { themed, useTheme } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { Icon } from '../ui/Icon'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'

/** To the newest message, and how many came while it was out of sight. */
export function Jump({ missed, onPress }: { missed: number; onPress(): void }) {
  const styles = useStyles()
  const { colors } = useTheme()
  const { t, code } = useI18n()
  return (
    <Press quiet accessibilityLabel={missed ? t('chat.newest', { count: missed }) : t('chat.toNewest')} onPress={onPress} style={styles.jump}>
      {missed > 0 && (
        <View style={styles.count}>
          <Txt as="tiny" color="onAccent">
            {new Intl.NumberFormat(code).format(missed)}
          </Txt>
        </View>
      )}
      <Icon name="down" size={20} color={colors.text} />
    </Press>
  )
}

const useStyles = themed((colors) => ({
  jump: {
    position: 'absolute',
    bottom: space.m,
    end: space.l,
    minWidth: 42,
    height: 42,
    borderRadius: radius.pill,
    backgroundColor: colors.surface,
    borderWidth: 1,
    borderColor: colors.line,
    alignItems: 'center',
    justifyContent: 'center',
    boxShadow: `0 4px 14px ${colors.shade}`,
  },
  count: {
    position: 'absolute',
    top: -8,
    minWidth: 20,
    height: 20,
    paddingHorizontal: 5,
    borderRadius: 10,
    backgroundColor: colors.accent,
    alignItems: 'center',
    justifyContent: 'center',
  },
}))
