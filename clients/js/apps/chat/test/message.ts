import type { Message } from '@tieline/client'

/** One of bob's, stored, with nothing done to it. */
export const message = (seq: number, fields: Partial<Message> = {}): Message =>
  ({
    clientId: `c${seq}`,
    id: `m${seq}`,
    seq,
    fromUser: 'bob',
    mine: false,
    state: 'sent',
    text: `text ${seq}`,
    createdAt: `2026-11-26T10:0${seq}:00.000000Z`,
    system: null,
    deleted: false,
    mentions: [],
    attachments: [],
    reactions: [],
    quote: null,
    card: null,
    error: null,
    ...fields,
  }) as Message
