import { type ReactNode, useEffect, useRef } from 'react'
import { Modal, Platform, Pressable, ScrollView, View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { themed, useWide } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { IconButton } from './Button'
import { Txt } from './Txt'

interface Props {
  title: string
  onClose(): void
  children: ReactNode
}

/** A panel over the screen: a sheet on phones, a card where there is room. Escape, the scrim and the cross close it. */
export function Dialog({ title, onClose, children }: Props) {
  const styles = useStyles()
  const { t } = useI18n()
  const wide = useWide()
  useEscape(onClose)
  const panel = useRef<View>(null)
  useEffect(() => {
    const element = panel.current as unknown as HTMLElement | null
    // A field that asks for the focus itself keeps it.
    if (Platform.OS === 'web' && element && !element.contains(document.activeElement)) element.focus()
  }, [])
  return (
    <Modal visible transparent animationType={wide ? 'fade' : 'slide'} onRequestClose={onClose}>
      <View style={[styles.all, wide && styles.middle]}>
        <Pressable style={styles.scrim} onPress={onClose} accessible={false} tabIndex={-1} aria-hidden />
        <View ref={panel} tabIndex={-1} style={[styles.panel, wide ? styles.card : styles.sheet]} role="dialog" aria-label={title} aria-modal>
          <View style={styles.head}>
            <Txt as="title" role="heading" style={styles.title}>
              {title}
            </Txt>
            <IconButton icon="close" label={t('do.close')} onPress={onClose} />
          </View>
          <ScrollView style={styles.scroll} contentContainerStyle={styles.body} keyboardShouldPersistTaps="handled">
            {children}
          </ScrollView>
        </View>
      </View>
    </Modal>
  )
}

/** Calls `act` on Escape while mounted, wherever the focus is; null: nothing to do. The newest one that is mounted gets it. */
export function useEscape(act: (() => void) | null): void {
  useEffect(() => {
    if (Platform.OS !== 'web' || !act) return
    const entry = { act }
    escapes.push(entry)
    return () => {
      escapes.splice(escapes.indexOf(entry), 1)
    }
  }, [act])
}

const escapes: { act: () => void }[] = []
if (Platform.OS === 'web' && typeof document !== 'undefined') {
  document.addEventListener(
    'keydown',
    (event) => {
      const newest = escapes.at(-1)
      if (event.key !== 'Escape' || event.isComposing || !newest) return
      event.preventDefault()
      event.stopPropagation()
      newest.act()
    },
    true,
  )
}

const useStyles = themed((colors) => ({
  all: { flex: 1, justifyContent: 'flex-end' },
  middle: { justifyContent: 'center', alignItems: 'center', padding: space.xl },
  scrim: { position: 'absolute', top: 0, bottom: 0, start: 0, end: 0, backgroundColor: colors.scrim },
  panel: {
    backgroundColor: colors.surface,
    maxHeight: '90%',
    overflow: 'hidden',
    ...(Platform.OS === 'web' && ({ outlineStyle: 'none' } as object)),
  },
  sheet: { borderTopLeftRadius: radius.l, borderTopRightRadius: radius.l },
  card: { borderRadius: radius.l, width: '100%', maxWidth: 460 },
  head: { flexDirection: 'row', alignItems: 'center', paddingStart: space.xl, paddingEnd: space.m, paddingTop: space.l },
  title: { flex: 1 },
  scroll: { flexGrow: 0 },
  body: { padding: space.xl, paddingTop: space.m, gap: space.m },
}))
