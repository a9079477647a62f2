// What an app with the small client bundles: measured by size-limit.
export { indexedDbStorage, keepIn } from '@tieline/client/core'
export { ChatProvider, useConnection, useThread, useThreads } from '@tieline/react/core'
