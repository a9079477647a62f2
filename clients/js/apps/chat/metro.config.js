const { getDefaultConfig } = require('expo/metro-config')

const config = getDefaultConfig(__dirname)

// What the router brings along and this app never shows: in a browser it would be a third of the first load.
const ABSENT =
  /expo-router\/build\/(layouts\/(StackClient|Stack|Tabs|TabsClient|stack-utils\/index|experimental-stack\/index)|views\/(Sitemap|ErrorBoundary|Toast)|link\/preview\/HrefPreview|fork\/native-stack\/[A-Za-z]+)\.js$/

config.resolver.resolveRequest = (context, name, platform) => {
  const found = context.resolveRequest(context, name, platform)
  return platform === 'web' && found.type === 'sourceFile' && ABSENT.test(found.filePath) ? { type: 'empty' } : found
}

module.exports = config
