import type { FileToSend } from '@tieline/client'

/** Asks for files, in the browser's own way. None when nothing was chosen. */
export const pickFiles = (): Promise<FileToSend[]> => ask({ multiple: true })

/** Asks for one picture. */
export const pickPicture = async (): Promise<FileToSend | undefined> => (await ask({ accept: 'image/png,image/jpeg,image/gif,image/webp' }))[0]

function ask(how: { multiple?: boolean; accept?: string }): Promise<File[]> {
  return new Promise((resolve) => {
    const input = Object.assign(document.createElement('input'), { type: 'file', ...how })
    input.onchange = () => resolve([...(input.files ?? [])])
    input.oncancel = () => resolve([])
    input.click()
  })
}
