import { WebSocket } from 'ws'

/** React Native on Android: close() while connecting does nothing, and a socket that failed tells only a reason. */
export class AndroidSocket extends WebSocket {
  override close(code?: number, reason?: string): void {
    if (this.readyState !== WebSocket.CONNECTING) super.close(code, reason)
  }
}

/** React Native on iOS: a lost connection is an error, and no close follows. */
export class IosSocket extends WebSocket {
  override emit(event: string, ...args: unknown[]): boolean {
    if (event === 'close' && args[0] === 1006) return super.emit('error', new Error('The operation couldn’t be completed. Socket is not connected'))
    return super.emit(event, ...args)
  }
}
