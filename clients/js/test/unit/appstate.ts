/** React Native's AppState as the tests see it: `app.handler` is what the client listens with. */
export const app = { handler: (_: string) => {}, removed: 0 }

export const AppState = {
  addEventListener(_: string, handler: (state: string) => void) {
    app.handler = handler
    return { remove: () => app.removed++ }
  },
}
