export { connectChat } from '@tieline/client/core'
