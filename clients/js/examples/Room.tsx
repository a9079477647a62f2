import { ChatProvider, useConnection, useConversation } from '@tieline/react'
import { useState } from 'react'

export function App(props: { url: string; token: string; peer: string }) {
  return (
    <ChatProvider url={props.url} token={props.token}>
      <Room peer={props.peer} />
    </ChatProvider>
  )
}

function Room({ peer }: { peer: string }) {
  const { messages, send, retry, loadOlder, hasMore } = useConversation(peer)
  const { banner, state, diagnosis } = useConnection()
  const [text, setText] = useState('')
  return (
    <main>
      {banner && <p role="status">{diagnosis?.user || `${state} ...`}</p>}
      {hasMore && (
        <button type="button" onClick={() => loadOlder()}>
          Older
        </button>
      )}
      <ul>
        {messages.map((message) => (
          <li key={message.clientId}>
            {message.mine ? 'me' : peer}: {message.text} ({message.state})
            {message.state === 'failed' && (
              <button type="button" onClick={() => retry(message.clientId)}>
                Again
              </button>
            )}
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          send(text)
          setText('')
        }}
      >
        <input value={text} onChange={(event) => setText(event.target.value)} />
        <button type="submit">Send</button>
      </form>
    </main>
  )
}
