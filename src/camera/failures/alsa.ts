import type { KnownFailure } from './known-failure.js'

function deviceIn(text: string): string | undefined {
  const [, opened, busy] = /error on device '([^']+)'|Device '([^']+)' is busy/.exec(text) ?? []
  return opened ?? busy
}

/** Messages of alsasrc, which GStreamer 1.22 to 1.28 and alsa-lib print. */
export const ALSA_FAILURES: readonly KnownFailure[] = [
  {
    pattern: /Device is being used by another application|Device or resource busy/,
    cause: 'audio-busy',
    message: (_, { text }) =>
      `Another program uses the microphone ${deviceIn(text) ?? ''}.`.replace(' .', '.'),
    hint: () =>
      'Find it with fuser -v /dev/snd/*, and stop it. PulseAudio and PipeWire keep a microphone open while a program records.',
  },
  {
    pattern: /Recording open error on device '[^']+': Permission denied/,
    cause: 'audio-permission-denied',
    message: (_, { text }) => `This user is not allowed to open the microphone ${deviceIn(text)!}.`,
    hint: () => 'Add the user to the group audio (sudo usermod -aG audio "$USER"), then log in again.',
  },
  {
    pattern: /The device has been disconnected/,
    cause: 'audio-unplugged',
    message: () => 'The microphone was unplugged.',
    hint: () => 'Plug it in again: the sound returns by itself. The picture is not affected.',
  },
  {
    pattern:
      /Recording open error on device '([^']+)': (?:No such (?:file or directory|device)|Invalid argument)|Unknown PCM/,
    cause: 'audio-no-device',
    message: ([, device]) => `There is no microphone ${device ?? 'of that name'}.`,
    hint: () => 'Plug it in. "rpi-webrtc cameras" lists the microphones that exist.',
  },
  {
    pattern:
      /not-negotiated|Channels? count[^\n]*not available|Rate \d+Hz not available|Setting of hwparams failed/i,
    cause: 'audio-format',
    message: () => 'The microphone delivers no format that can be used.',
    hint: () =>
      'Write its name with plughw: in place of hw:, such as device = "plughw:CARD=C920", which converts.',
  },
]
