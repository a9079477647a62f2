/** Before the id of a group, where a chat is named by one text: no account id has a slash. */
export const GROUP = 'group/'

/** Where a chat is shown. */
export const pathOf = (id: string) =>
  id.startsWith(GROUP) ? (`/chat/group/${encodeURIComponent(id.slice(GROUP.length))}` as const) : (`/chat/${encodeURIComponent(id)}` as const)
