import { I18nManager } from 'react-native'
import Svg, { Path } from 'react-native-svg'
import type { IconProps } from './Icon'
import { paths } from './paths'

export function Icon({ name, size = 22, color, mirror }: IconProps) {
  const style = mirror && I18nManager.isRTL ? { transform: [{ scaleX: -1 }] } : undefined
  return (
    <Svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke={color}
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      style={style}
    >
      <Path d={paths[name]} />
    </Svg>
  )
}
