import type { FileToSend } from '@tieline/client'

/** Asks for files, in the browser's own way. None when nothing was chosen. */
export function pickFiles(): Promise<FileToSend[]> {
  return new Promise((resolve) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.multiple = true
    input.onchange = () => resolve([...(input.files ?? [])])
    input.oncancel = () => resolve([])
    input.click()
  })
}
