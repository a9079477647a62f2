/**
 * The ways round a WebSocket that does not work. They are no part of the first download: fetched when a socket fails or is
 * slow, and otherwise when one has proved stable, so that they are here before the network gets worse.
 */
export { askSync, openPoll } from './poll.js'
export { openStream } from './stream.js'
