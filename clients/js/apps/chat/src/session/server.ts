/** The page's own server; EXPO_PUBLIC_TIELINE_URL where the app is served by another one. */
export const serverUrl = process.env.EXPO_PUBLIC_TIELINE_URL || (typeof location === 'undefined' ? '' : location.origin)
