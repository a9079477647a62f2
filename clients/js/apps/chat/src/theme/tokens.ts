import { Platform } from 'react-native'

/** Distances, in steps of four. */
export const space = { hair: 2, xs: 4, s: 8, m: 12, l: 16, xl: 24, xxl: 32, huge: 48 } as const

export const radius = { s: 8, m: 12, l: 18, pill: 999 } as const

/** In a browser text grows with the reader's own setting, so sizes are told in rem; a device scales numbers by itself. */
const scaled = (size: number): number => (Platform.OS === 'web' ? (`${size / 16}rem` as unknown as number) : size)

const text = (size: number, line: number, weight: '400' | '500' | '600' | '700', spacing = 0) => ({
  fontSize: scaled(size),
  lineHeight: scaled(line),
  fontWeight: weight,
  letterSpacing: spacing,
})

/** The type scale: few sizes, told apart by weight. */
export const type = {
  display: text(30, 36, '700', -0.5),
  title: text(20, 26, '600', -0.2),
  heading: text(16, 22, '600', -0.1),
  body: text(15, 21, '400'),
  strong: text(15, 21, '600'),
  label: text(14, 20, '500'),
  small: text(13, 18, '400'),
  tiny: text(11.5, 15, '500'),
  emoji: text(40, 48, '400'),
} as const

export type TypeName = keyof typeof type

export interface Palette {
  /** Behind everything. */
  ground: string
  /** Panels, the list, the head of a chat. */
  surface: string
  /** Fields, hovered rows, the other person's bubble. */
  raised: string
  pressed: string
  selected: string
  line: string
  /** Around what can be written in: told apart from its ground by anybody. */
  edge: string
  text: string
  muted: string
  accent: string
  onAccent: string
  accentSoft: string
  onAccentSoft: string
  mine: string
  onMine: string
  onMineMuted: string
  theirs: string
  onTheirs: string
  read: string
  danger: string
  dangerSoft: string
  warn: string
  warnSoft: string
  online: string
  shade: string
  scrim: string
}

export const light: Palette = {
  ground: '#f4f3ef',
  surface: '#fffefb',
  raised: '#efede7',
  pressed: '#e6e3da',
  selected: '#e0ede9',
  line: '#e2dfd6',
  edge: '#8a918c',
  text: '#1c2220',
  muted: '#5b645f',
  accent: '#0e6a5c',
  onAccent: '#ffffff',
  accentSoft: '#d7ebe5',
  onAccentSoft: '#0a4d43',
  mine: '#12705f',
  onMine: '#ffffff',
  onMineMuted: '#cfe9e1',
  theirs: '#fffefb',
  onTheirs: '#1c2220',
  read: '#9be8d4',
  danger: '#b3261e',
  dangerSoft: '#fbe4e1',
  warn: '#7a5200',
  warnSoft: '#fbeecb',
  online: '#1f9d61',
  shade: 'rgba(28, 34, 32, 0.10)',
  scrim: 'rgba(20, 26, 24, 0.45)',
}

export const dark: Palette = {
  ground: '#0f1312',
  surface: '#161b1a',
  raised: '#212827',
  pressed: '#2a3331',
  selected: '#1d3430',
  line: '#283130',
  edge: '#66726e',
  text: '#e8ecea',
  muted: '#9ba7a3',
  accent: '#5cc8b1',
  onAccent: '#05231d',
  accentSoft: '#1b3a34',
  onAccentSoft: '#a9e6d8',
  mine: '#15604f',
  onMine: '#f1fffb',
  onMineMuted: '#b5ddd2',
  theirs: '#212827',
  onTheirs: '#e8ecea',
  read: '#7fe3cb',
  danger: '#ff9b90',
  dangerSoft: '#43211e',
  warn: '#f0c560',
  warnSoft: '#3a2f14',
  online: '#4ccb8a',
  shade: 'rgba(0, 0, 0, 0.5)',
  scrim: 'rgba(0, 0, 0, 0.6)',
}

/** Grounds of avatars without a picture; white letters reach AA on each. */
export const faces = [
  '#0e6a5c',
  '#7a4b9c',
  '#b0472a',
  '#2f5fa8',
  '#8a5a00',
  '#b8325f',
  '#4d6b1f',
  '#51617f',
  '#1f7a3d',
  '#00698c',
  '#5b4fc7',
  '#9c2f8c',
] as const

/** From this width on the list stands beside the chat. */
export const WIDE = 860
