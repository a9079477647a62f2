import * as Clipboard from 'expo-clipboard'

export const copyText = async (text: string) => void (await Clipboard.setStringAsync(text))
