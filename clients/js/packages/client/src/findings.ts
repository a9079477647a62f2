// Made by `tieline doctor --client-catalogue` from src/Tieline.Protocol/Findings; scripts/check --write makes it anew.

/** What the doctor says of the same fault, by the code of the client's diagnosis. One that can have several causes has no entry. */
// biome-ignore format: one line each, as the generator writes them
export const FINDINGS: Readonly<Record<string, string>> = {
  auth: 'TL601 The token is not accepted. Get a fresh token: it may have expired, or be signed with another secret.',
  blocked_by_page: "TL605 The page's own policy forbids the socket. Add the server's ws and http origins to connect-src; from an https page use wss://.",
  cors: "TL604 The browser hides the server's answers from the page. Add the page's origin to the setting origins, and let no proxy drop the header.",
  flapping: "TL701 Idle lines are cut. Raise the limit for the socket's path above the pause between pings, and ping every 20 to 25 seconds.",
  held_before_server: 'TL208 A device on the way swallows upgrade requests. Use wss://, so that the device cannot see the upgrade.',
  upgrade_stripped: 'TL411 The proxy does not pass the upgrade on. Pass Upgrade and Connection on in the block that serves the socket.',
  upgraded_but_silent: 'TL705 What the server sends vanishes. The proxy does not tunnel: give the socket a rule that does.',
  wrong_backend: "TL404 The proxy has no location for the socket. Add a location for the socket's folder that forwards to the server.",
}
