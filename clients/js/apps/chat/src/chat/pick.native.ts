import type { FileToSend } from '@tieline/client'
import * as ImagePicker from 'expo-image-picker'

/** Asks for pictures of the device's library. */
export async function pickFiles(): Promise<FileToSend[]> {
  const { assets } = await ImagePicker.launchImageLibraryAsync({ mediaTypes: ['images'], allowsMultipleSelection: true, quality: 0.9 })
  return (assets ?? []).map(({ uri, fileName, mimeType, fileSize }, at) => ({
    uri,
    name: fileName ?? `picture-${at + 1}.jpg`,
    type: mimeType ?? 'image/jpeg',
    size: fileSize ?? 0,
  }))
}
