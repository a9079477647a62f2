import AsyncStorage from '@react-native-async-storage/async-storage'
import * as SecureStore from 'expo-secure-store'

export const kept = (name: string) => AsyncStorage.getItem(`tieline-app:${name}`).catch(() => null)

export const keptNow = (_: string): string | null => null

export async function keep(name: string, value: string | null): Promise<void> {
  if (value === null) await AsyncStorage.removeItem(`tieline-app:${name}`)
  else await AsyncStorage.setItem(`tieline-app:${name}`, value)
}

/** The device's keychain. */
export const keptSecret = (name: string) => SecureStore.getItemAsync(`tieline-app.${name}`)

export async function keepSecret(name: string, value: string | null): Promise<void> {
  if (value === null) await SecureStore.deleteItemAsync(`tieline-app.${name}`)
  else await SecureStore.setItemAsync(`tieline-app.${name}`, value)
}
