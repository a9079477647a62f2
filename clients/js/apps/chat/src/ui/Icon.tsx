import type { IconName } from './paths'
import { paths } from './paths'

export interface IconProps {
  name: IconName
  size?: number
  color: string
  /** Mirrored where text runs from right to left: arrows that mean a direction of reading. */
  mirror?: boolean
}

/** In a browser an icon is plain SVG; a name for it stands on the button around it. */
export function Icon({ name, size = 22, color, mirror }: IconProps) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke={color}
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      className={mirror ? 'mirror' : undefined}
    >
      <path d={paths[name]} />
    </svg>
  )
}
