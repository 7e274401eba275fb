import type { Microphone } from './microphones.js'

const KINDS: Record<Microphone['kind'], string> = {
  usb: 'USB microphone',
  other: 'sound card',
  loopback: 'loopback: what another program plays',
}

/** A `device` line for `[cameraN.audio]` per microphone. @param notes sentences about them. */
export function formatMicrophones(microphones: readonly Microphone[], notes: readonly string[] = []): string {
  const found = microphones.map(
    ({ name, kind, device }) =>
      `# ${name} (${KINDS[kind]}), for [cameraN.audio]\ndevice = ${JSON.stringify(device)}\n`,
  )
  const none = found.length === 0 ? ['No microphone found.\n'] : []
  return [...found, ...none, ...notes.map((note) => `${note}\n`)].join('\n')
}

/** A microphone in the JSON of `rpi-webrtc cameras`. */
export const microphoneJson = ({ usbDevice, ...microphone }: Microphone): object => ({
  ...microphone,
  ...(usbDevice !== undefined && { usb_device: usbDevice }),
})
