/** Before the id of a group, where a chat is named by one text: no account id has a slash. */
export const GROUP = 'group/'

/** Where a chat is shown; with `at` the message that is looked for in it. */
export const pathOf = (id: string, at?: string | null) =>
  `${id.startsWith(GROUP) ? `/chat/group/${encodeURIComponent(id.slice(GROUP.length))}` : `/chat/${encodeURIComponent(id)}`}${at ? `?at=${encodeURIComponent(at)}` : ''}`
