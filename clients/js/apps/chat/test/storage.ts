/** What a device keeps, for as long as a test lives. */
const items = new Map<string, string>()

export default {
  getItem: async (name: string) => items.get(name) ?? null,
  setItem: async (name: string, value: string) => void items.set(name, value),
  removeItem: async (name: string) => void items.delete(name),
  clear: async () => items.clear(),
}
