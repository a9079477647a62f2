import { useEffect, useRef, useState } from 'react'
import { Modal, Platform, Pressable, useWindowDimensions, View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { themed, useTheme } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { IconButton } from './Button'
import { useEscape } from './Dialog'
import { Icon } from './Icon'
import { Press } from './Press'
import type { IconName } from './paths'
import { Txt } from './Txt'

export interface MenuItem {
  key: string
  title: string
  icon: IconName
  danger?: boolean
  act(): void
}

export interface Anchor {
  x: number
  y: number
}

const WIDTH = 232
const ROW = 44

/** A list of things to do, beside where it was asked for. Arrows move in it. */
export function MenuList({
  items,
  at,
  label,
  onClose,
  above,
}: {
  items: MenuItem[]
  at: Anchor
  label: string
  onClose(): void
  above?: React.ReactNode
}) {
  const styles = useStyles()
  const { colors } = useTheme()
  const window = useWindowDimensions()
  const rows = useRef<(View | null)[]>([])
  useEscape(onClose)
  useEffect(() => {
    if (Platform.OS === 'web') (rows.current[0] as unknown as HTMLElement | null)?.focus()
  }, [])
  const height = items.length * ROW + space.s * 2 + (above ? 56 : 0)
  const place = {
    left: Math.max(space.s, Math.min(at.x, window.width - WIDTH - space.s)),
    top: Math.max(space.s, Math.min(at.y, window.height - height - space.s)),
  }
  const move = (from: number, by: number) =>
    (rows.current[(from + by + items.length) % items.length] as unknown as { focus?(): void } | null)?.focus?.()
  return (
    <Modal visible transparent animationType="fade" onRequestClose={onClose}>
      <Pressable style={styles.behind} onPress={onClose} tabIndex={-1} aria-hidden />
      <View style={[styles.menu, place]}>
        {above}
        <View role="menu" aria-label={label}>
          {items.map((item, index) => (
            <Press
              key={item.key}
              ref={(row: View | null) => {
                rows.current[index] = row
              }}
              role="menuitem"
              style={styles.item}
              onPress={() => {
                onClose()
                item.act()
              }}
              {...({
                onKeyDownCapture: (event: { key: string; preventDefault(): void }) => {
                  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
                  event.preventDefault()
                  move(index, event.key === 'ArrowDown' ? 1 : -1)
                },
              } as object)}
            >
              <Icon name={item.icon} size={20} color={item.danger ? colors.danger : colors.muted} />
              <Txt as="label" color={item.danger ? 'danger' : 'text'}>
                {item.title}
              </Txt>
            </Press>
          ))}
        </View>
      </View>
    </Modal>
  )
}

/** The three dots, and the menu behind them. */
export function MoreMenu({ items, label }: { items: MenuItem[]; label?: string }) {
  const { t, rtl } = useI18n()
  const [at, setAt] = useState<Anchor | null>(null)
  const dots = useRef<View>(null)
  const name = label ?? t('menu.more')
  return (
    <>
      <IconButton
        ref={dots}
        icon="more"
        label={name}
        aria-haspopup="menu"
        aria-expanded={at !== null}
        onPress={() => dots.current?.measureInWindow((x, y, width, height) => setAt({ x: rtl ? x : x + width - WIDTH, y: y + height + 4 }))}
      />
      {at && <MenuList items={items} at={at} label={name} onClose={() => setAt(null)} />}
    </>
  )
}

const useStyles = themed((colors) => ({
  behind: { position: 'absolute', top: 0, bottom: 0, left: 0, right: 0 },
  menu: {
    position: 'absolute',
    width: WIDTH,
    backgroundColor: colors.surface,
    borderRadius: radius.m,
    borderWidth: 1,
    borderColor: colors.line,
    padding: space.s,
    boxShadow: `0 8px 28px ${colors.shade}`,
  },
  item: { minHeight: ROW, flexDirection: 'row', alignItems: 'center', gap: space.m, paddingHorizontal: space.m, borderRadius: radius.s },
}))
