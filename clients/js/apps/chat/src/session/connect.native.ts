import AsyncStorage from '@react-native-async-storage/async-storage'
import type { Chat, ChatOptions, TokenSource } from '@tieline/client'
import { connectChat as connect } from '@tieline/client/react-native'
import * as Network from 'expo-network'

export const connectChat = (url: string, token: TokenSource, options: ChatOptions = {}): Chat =>
  connect(url, token, { ...options, storage: AsyncStorage, network: Network })
