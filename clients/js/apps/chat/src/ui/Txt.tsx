import type { ReactNode } from 'react'
import { Text, type TextProps } from 'react-native'
import { useTheme } from '../theme/theme'
import { type Palette, type TypeName, type } from '../theme/tokens'

interface Props extends TextProps {
  as?: TypeName
  color?: keyof Palette
  center?: boolean
  children?: ReactNode
}

/** Text of the type scale. */
export function Txt({ as = 'body', color = 'text', center, style, ...rest }: Props) {
  const { colors } = useTheme()
  // A heading without a level is one to the eye only.
  const level = rest.role === 'heading' && { 'aria-level': as === 'display' || as === 'title' ? 1 : 2 }
  return <Text {...level} {...rest} style={[type[as], { color: colors[color] }, center && { textAlign: 'center' }, style]} />
}
