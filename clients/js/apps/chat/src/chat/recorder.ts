import type { FileToSend } from '@tieline/client'

export interface Recording {
  /** Ends it, and gives what was said. */
  finish(): Promise<FileToSend>
  /** Ends it, and forgets what was said. */
  drop(): void
}

export const canRecord = () => typeof MediaRecorder !== 'undefined' && !!navigator.mediaDevices?.getUserMedia

/** Listens to the microphone until it is told to stop. @throws where it may not. */
export async function record(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  const type = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4'].find((one) => MediaRecorder.isTypeSupported(one))
  const recorder = new MediaRecorder(stream, type ? { mimeType: type } : {})
  const parts: Blob[] = []
  const began = Date.now()
  recorder.ondataavailable = ({ data }) => void parts.push(data)
  recorder.start()
  const end = () => {
    for (const track of stream.getTracks()) track.stop()
  }
  return {
    finish: () =>
      new Promise((resolve) => {
        recorder.onstop = () => {
          end()
          const kind = (recorder.mimeType || 'audio/webm').split(';')[0]!
          const name = `voice.${kind.includes('mp4') ? 'm4a' : kind.includes('ogg') ? 'ogg' : 'webm'}`
          resolve({ file: new Blob(parts, { type: kind }), name, durationMs: Math.max(1, Date.now() - began), voice: true })
        }
        recorder.stop()
      }),
    drop: () => {
      recorder.onstop = null
      recorder.stop()
      end()
    },
  }
}
