export { connectChat } from '@tieline/client'
