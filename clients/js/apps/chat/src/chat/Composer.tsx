import type { FileToSend } from '@tieline/client'
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'
import { type TextInput as Input, Platform, TextInput, View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { themed, useTheme } from '../theme/theme'
import { radius, space, type } from '../theme/tokens'
import { IconButton } from '../ui/Button'
import { useEscape } from '../ui/Dialog'
import { Icon } from '../ui/Icon'
import { Press } from '../ui/Press'
import type { IconName } from '../ui/paths'
import { Txt } from '../ui/Txt'
import { draftOf, publishDrafts, setDraft } from './drafts'
import { EmojiPicker } from './EmojiPicker'
import { MentionPicker } from './MentionPicker'
import { mention, mentionBegun } from './mentions'
import { Recorder } from './Recorder'
import { canRecord } from './recorder'

/** What the box is about: a message that is answered, or one that is changed. */
export interface About {
  kind: 'reply' | 'edit'
  title: string
  text: string
}

export interface ComposerHandle {
  focus(): void
  fill(text: string): void
}

interface Props {
  chat: string
  name: string
  about: About | null
  ref?: Ref<ComposerHandle>
  /** What was begun on another device. */
  begun?: string | undefined
  onSend(text: string): void
  onDraft?(text: string): void
  onCancel(): void
  onType?(): void
  onAttach?: (() => void) | undefined
  onVoice?: ((file: FileToSend) => void) | undefined
  onNoMicrophone?(): void
  /** Who can be meant by an @, by id. */
  members?: ReadonlyMap<string, string> | undefined
  onPaste?: ((files: File[]) => void) | undefined
}

const LINE = 21
const PADDING = 20
const MOST_LINES = 7

/** The box to write in. It always takes text, whatever the connection does. */
export function Composer({
  chat,
  name,
  about,
  begun,
  ref,
  onSend,
  onDraft,
  onCancel,
  onType,
  onAttach,
  onPaste,
  onVoice,
  onNoMicrophone,
  members,
}: Props) {
  const styles = useStyles()
  const { colors } = useTheme()
  const { t } = useI18n()
  const input = useRef<Input>(null)
  const [text, setText] = useState(() => draftOf(chat) || begun || '')
  const [height, setHeight] = useState(LINE)
  const [emoji, setEmoji] = useState(false)
  const editing = about?.kind === 'edit'
  const [recording, setRecording] = useState(false)
  const begunName = members?.size ? mentionBegun(text) : null
  const meant =
    begunName === null ? [] : [...members!].filter(([, one]) => one.toLocaleLowerCase().startsWith(begunName.toLocaleLowerCase())).slice(0, 8)
  useImperativeHandle(ref, () => ({ focus: () => input.current?.focus(), fill: (filled) => setText(filled) }), [])
  useEffect(() => publishDrafts, [])
  // A browser tells how high the text is only when the box is not higher already.
  useLayoutEffect(() => {
    const box = input.current as unknown as HTMLTextAreaElement | null
    if (Platform.OS !== 'web' || !box) return
    box.style.height = '0px'
    const most = LINE * MOST_LINES + PADDING
    box.style.height = `${Math.min(Math.max(box.scrollHeight, LINE + PADDING), most)}px`
    box.style.overflowY = box.scrollHeight > most ? 'auto' : 'hidden'
  }, [text])

  const change = (next: string) => {
    setText(next)
    if (!editing) {
      setDraft(chat, next)
      onDraft?.(next)
    }
    if (next) onType?.()
    if (!next) setHeight(LINE)
  }
  const submit = () => {
    const trimmed = text.trim()
    if (!trimmed) return
    onSend(trimmed)
    setText('')
    setDraft(chat, '')
    setHeight(LINE)
    setEmoji(false)
  }
  const cancel = () => {
    if (editing) setText(draftOf(chat))
    onCancel()
  }
  const key = (event: { nativeEvent: { key: string; shiftKey?: boolean; isComposing?: boolean }; preventDefault(): void }) => {
    const { key: pressed, shiftKey, isComposing } = event.nativeEvent
    if (Platform.OS !== 'web' || isComposing) return
    if (pressed === 'Tab' && !shiftKey && meant.length) {
      event.preventDefault()
      change(mention(text, meant[0]![1]))
    } else if (pressed === 'Enter' && !shiftKey) {
      event.preventDefault()
      submit()
    }
  }
  useEscape(emoji ? () => setEmoji(false) : about ? cancel : null)
  // The field of react-native-web hands no paste on.
  const pasted = useRef(onPaste)
  pasted.current = onPaste
  useEffect(() => {
    const box = input.current as unknown as HTMLElement | null
    if (Platform.OS !== 'web' || !box) return
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])]
      if (!files.length || !pasted.current) return
      event.preventDefault()
      pasted.current(files)
    }
    box.addEventListener('paste', paste)
    return () => box.removeEventListener('paste', paste)
  }, [])

  return (
    <View style={styles.all}>
      {about && (
        <View style={styles.about}>
          <Icon name={(about.kind === 'edit' ? 'compose' : 'reply') as IconName} size={18} color={colors.accent} />
          <View style={styles.words}>
            <Txt as="tiny" color="accent">
              {about.title}
            </Txt>
            <Txt as="small" color="muted" numberOfLines={1}>
              {about.text}
            </Txt>
          </View>
          <IconButton icon="close" size={18} label={t('do.cancel')} onPress={cancel} />
        </View>
      )}
      {emoji && (
        <EmojiPicker
          onPick={(one) => {
            change(text + one)
            input.current?.focus()
          }}
        />
      )}
      {meant.length > 0 && (
        <MentionPicker
          people={meant}
          onPick={(picked) => {
            change(mention(text, picked))
            input.current?.focus()
          }}
        />
      )}
      {recording && onVoice ? (
        <Recorder onSend={onVoice} onFailed={() => onNoMicrophone?.()} onClose={() => setRecording(false)} />
      ) : (
        <View style={styles.row}>
          {onAttach && !editing && <IconButton icon="clip" label={t('chat.attach')} onPress={onAttach} />}
          <View style={styles.box}>
            <TextInput
              ref={input}
              multiline
              value={text}
              onChangeText={change}
              onKeyPress={key as never}
              onContentSizeChange={(event) => setHeight(event.nativeEvent.contentSize.height)}
              placeholder={t('chat.placeholder')}
              placeholderTextColor={colors.muted}
              accessibilityLabel={t('chat.placeholderTo', { name })}
              {...({ dir: 'auto', enterKeyHint: 'send', rows: 1 } as object)}
              style={[
                styles.input,
                Platform.OS === 'web'
                  ? ({ outlineStyle: 'none', resize: 'none' } as object)
                  : { height: Math.max(LINE, Math.min(height, LINE * MOST_LINES)) + PADDING },
              ]}
            />
            <IconButton icon="smile" label={t('chat.emoji')} aria-expanded={emoji} onPress={() => setEmoji(!emoji)} />
          </View>
          {!text.trim() && !editing && onVoice && canRecord() ? (
            <Press quiet accessibilityLabel={t('voice.record')} onPress={() => setRecording(true)} style={styles.send}>
              <Icon name="mic" color={colors.onAccent} />
            </Press>
          ) : (
            <Press quiet accessibilityLabel={t(editing ? 'do.save' : 'chat.send')} disabled={!text.trim()} onPress={submit} style={styles.send}>
              <Icon name={editing ? 'check' : 'send'} color={colors.onAccent} />
            </Press>
          )}
        </View>
      )}
    </View>
  )
}

const useStyles = themed((colors) => ({
  all: { paddingHorizontal: space.m, paddingBottom: space.m, paddingTop: space.s, backgroundColor: colors.ground },
  about: {
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.m,
    paddingStart: space.m,
    marginBottom: space.s,
    backgroundColor: colors.surface,
    borderRadius: radius.m,
    borderStartWidth: 3,
    borderColor: colors.accent,
  },
  words: { flex: 1, minWidth: 0, paddingVertical: 6 },
  row: { flexDirection: 'row', alignItems: 'flex-end', gap: space.s },
  box: {
    flex: 1,
    minWidth: 0,
    flexDirection: 'row',
    alignItems: 'flex-end',
    borderRadius: 22,
    backgroundColor: colors.surface,
    borderWidth: 1,
    borderColor: colors.line,
    paddingStart: space.l,
    paddingEnd: 2,
    paddingVertical: 1,
  },
  input: { ...type.body, flex: 1, minWidth: 0, color: colors.text, paddingVertical: 10, paddingHorizontal: 0, borderWidth: 0 },
  send: { width: 44, height: 44, borderRadius: 22, backgroundColor: colors.accent, alignItems: 'center', justifyContent: 'center' },
}))
