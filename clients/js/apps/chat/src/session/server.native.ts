export const serverUrl = process.env.EXPO_PUBLIC_TIELINE_URL ?? 'http://127.0.0.1:8000'
