/** The one thing that is used of React Native; its own types are the app's business. */
declare module 'react-native' {
  export const AppState: { addEventListener(event: 'change', handler: (state: string) => void): { remove(): void } }
}
