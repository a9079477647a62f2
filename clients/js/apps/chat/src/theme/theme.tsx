import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { type ImageStyle, StyleSheet, type TextStyle, useColorScheme, useWindowDimensions, type ViewStyle } from 'react-native'
import { keep, kept } from '../session/store'
import { dark, light, type Palette, WIDE } from './tokens'

export type Scheme = 'auto' | 'light' | 'dark'

interface Theme {
  colors: Palette
  dark: boolean
  scheme: Scheme
  setScheme(scheme: Scheme): void
}

const ThemeContext = createContext<Theme>({ colors: light, dark: false, scheme: 'auto', setScheme: () => {} })

export function ThemeProvider({ children }: { children: ReactNode }) {
  const device = useColorScheme()
  const [scheme, setScheme] = useState<Scheme>('auto')
  useEffect(() => {
    void kept('scheme').then((was) => was && setScheme(was as Scheme))
  }, [])
  const isDark = (scheme === 'auto' ? device : scheme) === 'dark'
  useEffect(() => {
    if (typeof document === 'undefined') return
    document.documentElement.style.colorScheme = isDark ? 'dark' : 'light'
    document.documentElement.style.background = (isDark ? dark : light).ground
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', (isDark ? dark : light).surface)
  }, [isDark])
  const theme = useMemo<Theme>(
    () => ({
      colors: isDark ? dark : light,
      dark: isDark,
      scheme,
      setScheme: (next) => {
        setScheme(next)
        void keep('scheme', next)
      },
    }),
    [isDark, scheme],
  )
  return <ThemeContext.Provider value={theme}>{children}</ThemeContext.Provider>
}

export const useTheme = () => useContext(ThemeContext)

/** True where the list and the chat stand side by side. */
export const useWide = () => useWindowDimensions().width >= WIDE

type Styles = Record<string, ViewStyle | TextStyle | ImageStyle>

/** Styles that depend on the colours: made once for light and once for dark, whoever uses them. */
export function themed<const S extends Styles>(make: (colors: Palette) => S): () => S {
  const made = new Map<Palette, S>()
  return () => {
    const { colors } = useTheme()
    let styles = made.get(colors)
    if (!styles) made.set(colors, (styles = StyleSheet.create(make(colors)) as S))
    return styles
  }
}
