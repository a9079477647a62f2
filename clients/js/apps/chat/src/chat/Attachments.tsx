import type { Attachment, Message } from '@tieline/client'
import { useEffect, useState } from 'react'
import { Image, Linking, Platform, View } from 'react-native'
import { useI18n } from '../i18n/i18n'
import { serverUrl } from '../session/server'
import { themed, useTheme } from '../theme/theme'
import { radius, space } from '../theme/tokens'
import { Icon } from '../ui/Icon'
import { Press } from '../ui/Press'
import { Txt } from '../ui/Txt'
import { Voice } from './Voice'

const WIDTH = 260
const HEIGHT = 300

/** Addresses are the server's own where they begin with a slash. */
const absolute = (url: string | undefined) => (url?.startsWith('/') ? serverUrl + url : url)

/** Pictures, files and voice messages of a message; while they are on their way, how far they are. */
export function Attachments({ message }: { message: Message }) {
  return message.attachments?.map((file) =>
    file.kind === 'image' ? <Picture key={file.id} file={file} /> : <File key={file.id} file={file} mine={message.mine} />,
  )
}

function Picture({ file }: { file: Attachment }) {
  const styles = useStyles()
  const { t } = useI18n()
  const local = useLocal(file)
  const shown = absolute(file.thumbUrl ?? file.url) ?? local ?? file.blur
  const ratio = file.width && file.height ? file.width / file.height : 4 / 3
  const width = Math.min(WIDTH, HEIGHT * ratio)
  const full = absolute(file.url)
  return (
    <Press
      quiet
      role={full ? 'link' : ('none' as never)}
      accessibilityLabel={file.name ?? t('chat.picture')}
      disabled={!full}
      onPress={() => full && void Linking.openURL(full)}
      style={[styles.picture, { width, aspectRatio: ratio, opacity: 1 }]}
    >
      {file.blur && <Image source={{ uri: file.blur }} style={styles.fill} blurRadius={8} />}
      {shown && <Image source={{ uri: shown }} style={styles.fill} resizeMode="cover" accessibilityLabel={file.name ?? t('chat.picture')} />}
      {file.progress !== undefined && file.progress < 1 && <Progress value={file.progress} />}
    </Press>
  )
}

function File({ file, mine }: { file: Attachment; mine: boolean }) {
  const styles = useStyles()
  const { colors } = useTheme()
  const { t, code } = useI18n()
  const url = absolute(file.url)
  const size = new Intl.NumberFormat(code, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 }).format(Math.max(1, file.size / 1000))
  if (file.kind === 'voice' && url && Platform.OS === 'web') return <Voice url={url} durationMs={file.durationMs} mine={mine} />
  return (
    <Press
      quiet
      role={url ? 'link' : ('none' as never)}
      disabled={!url}
      onPress={() => url && void Linking.openURL(url)}
      style={[styles.file, { opacity: 1 }]}
    >
      <Icon name="file" color={mine ? colors.onMine : colors.accent} />
      <View style={styles.words}>
        <Txt as="label" color={mine ? 'onMine' : 'text'} numberOfLines={1}>
          {file.name ?? t(file.kind === 'voice' ? 'chat.voice' : 'chat.file')}
        </Txt>
        <Txt as="tiny" color={mine ? 'onMineMuted' : 'muted'}>
          {size}
        </Txt>
        {file.progress !== undefined && file.progress < 1 && <Progress value={file.progress} />}
      </View>
    </Press>
  )
}

function Progress({ value }: { value: number }) {
  const styles = useStyles()
  return (
    <View
      style={styles.track}
      role="progressbar"
      aria-valuenow={Math.round(value * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-label={`${Math.round(value * 100)}%`}
    >
      <View style={[styles.bar, { width: `${Math.round(value * 100)}%` }]} />
    </View>
  )
}

/** The picture as it lies on this device, before the server has it. */
function useLocal({ source }: Attachment): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    if (!source) return
    if ('uri' in source) return setUrl(source.uri)
    const made = URL.createObjectURL(source)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [source])
  return url
}

const useStyles = themed((colors) => ({
  picture: {
    borderRadius: radius.m,
    overflow: 'hidden',
    backgroundColor: colors.raised,
    maxWidth: '100%',
    justifyContent: 'flex-end',
    marginVertical: 2,
  },
  fill: { position: 'absolute', top: 0, bottom: 0, start: 0, end: 0 },
  file: { flexDirection: 'row', alignItems: 'center', gap: space.s, paddingVertical: space.xs, minWidth: 180 },
  words: { flex: 1, minWidth: 0, gap: 2 },
  track: { height: 4, borderRadius: 2, backgroundColor: colors.shade, overflow: 'hidden', margin: 4 },
  bar: { height: 4, backgroundColor: colors.accent },
}))
