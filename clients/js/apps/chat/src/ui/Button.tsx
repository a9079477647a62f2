import { ActivityIndicator, View } from 'react-native'
import { themed, useTheme } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { Icon } from './Icon'
import { Press, type PressProps } from './Press'
import type { IconName } from './paths'
import { Txt } from './Txt'

interface ButtonProps extends PressProps {
  title: string
  kind?: 'primary' | 'soft' | 'plain' | 'danger'
  busy?: boolean
  icon?: IconName
}

/** A button with words on it. */
export function Button({ title, kind = 'primary', busy, icon, style, ...rest }: ButtonProps) {
  const styles = useStyles()
  const { colors } = useTheme()
  const color = kind === 'primary' ? 'onAccent' : kind === 'soft' ? 'onAccentSoft' : kind === 'danger' ? 'danger' : 'accent'
  return (
    <Press
      {...rest}
      quiet
      accessibilityLabel={rest.accessibilityLabel ?? title}
      disabled={busy || rest.disabled}
      style={[styles.button, styles[kind], style]}
    >
      {busy ? <ActivityIndicator size="small" color={colors[color]} /> : icon && <Icon name={icon} size={18} color={colors[color]} />}
      <Txt as="strong" color={color}>
        {title}
      </Txt>
    </Press>
  )
}

interface IconButtonProps extends PressProps {
  icon: IconName
  label: string
  color?: string
  size?: number
  mirror?: boolean
  badge?: boolean
}

/** A round button with a drawing; `label` is its name for those who do not see it. */
export function IconButton({ icon, label, color, size = 22, mirror, badge, style, ...rest }: IconButtonProps) {
  const styles = useStyles()
  const { colors } = useTheme()
  return (
    <Press {...rest} accessibilityLabel={label} style={[styles.icon, style]} {...({ title: label } as object)}>
      <Icon name={icon} size={size} color={color ?? colors.muted} mirror={mirror} />
      {badge && <View style={styles.badge} />}
    </Press>
  )
}

const useStyles = themed((colors) => ({
  button: {
    minHeight: 44,
    borderRadius: radius.m,
    paddingHorizontal: space.l,
    paddingVertical: space.s,
    flexDirection: 'row',
    gap: space.s,
    alignItems: 'center',
    justifyContent: 'center',
  },
  primary: { backgroundColor: colors.accent },
  soft: { backgroundColor: colors.accentSoft },
  plain: {},
  danger: { backgroundColor: colors.dangerSoft },
  icon: { width: 40, height: 40, borderRadius: radius.pill, alignItems: 'center', justifyContent: 'center' },
  badge: { position: 'absolute', top: 8, end: 8, width: 8, height: 8, borderRadius: 4, backgroundColor: colors.danger },
}))
