import type { FileToSend } from '@tieline/client'
import * as ImagePicker from 'expo-image-picker'

/** Asks for pictures of the device's library. */
export const pickFiles = (): Promise<FileToSend[]> => ask({ allowsMultipleSelection: true })

/** Asks for one picture, cut square where the device offers it. */
export const pickPicture = async (): Promise<FileToSend | undefined> => (await ask({ allowsEditing: true, aspect: [1, 1] }))[0]

async function ask(how: ImagePicker.ImagePickerOptions): Promise<FileToSend[]> {
  const { assets } = await ImagePicker.launchImageLibraryAsync({ mediaTypes: ['images'], quality: 0.9, ...how })
  return (assets ?? []).map(({ uri, fileName, mimeType, fileSize }, at) => ({
    uri,
    name: fileName ?? `picture-${at + 1}.jpg`,
    type: mimeType ?? 'image/jpeg',
    size: fileSize ?? 0,
  }))
}
