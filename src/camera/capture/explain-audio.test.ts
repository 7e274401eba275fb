import { expect, test } from 'vitest'
import { explainAudioFailure } from './explain-audio.js'
import type { CaptureExit } from './explain-failure.js'

const SOURCE = 'ERROR: from element /GstPipeline:pipeline0/GstAlsaSrc:alsasrc0:'
const exited = (stderr: string): CaptureExit => ({
  how: 'exited',
  code: 1,
  signal: null,
  stderr: stderr.split('\n'),
})
const opening = (why: string): string => `${SOURCE} Could not open audio device for recording.
Additional debug info:
../ext/alsa/gstalsasrc.c(791): gst_alsasrc_open (): /GstPipeline:pipeline0/GstAlsaSrc:alsasrc0:
Recording open error on device 'hw:CARD=C920': ${why}`

/** Texts of the sources of GStreamer and alsa-lib. */
test.each([
  [
    'no such card',
    'audio-no-device',
    'There is no microphone hw:CARD=C920.',
    opening('No such file or directory'),
  ],
  ['unplugged before', 'audio-no-device', 'There is no microphone hw:CARD=C920.', opening('No such device')],
  [
    'no rights',
    'audio-permission-denied',
    'This user is not allowed to open the microphone hw:CARD=C920.',
    opening('Permission denied'),
  ],
  [
    'in use',
    'audio-busy',
    'Another program uses the microphone hw:CARD=C920.',
    `${SOURCE} Could not open audio device for recording. Device is being used by another application.
Additional debug info:
../ext/alsa/gstalsasrc.c(788): gst_alsasrc_open (): /GstPipeline:pipeline0/GstAlsaSrc:alsasrc0:
Device 'hw:CARD=C920' is busy`,
  ],
  [
    'unplugged while it records',
    'audio-unplugged',
    'The microphone was unplugged.',
    `${SOURCE} Error recording from audio device. The device has been disconnected.`,
  ],
  [
    'no usable format',
    'audio-format',
    'The microphone delivers no format that can be used.',
    `${SOURCE} Internal data stream error.\nstreaming stopped, reason not-negotiated (-4)`,
  ],
])('%s', (_, cause, message, stderr) => {
  const failure = explainAudioFailure(exited(stderr))
  expect(failure).toMatchObject({ cause, message })
  expect(failure.hint).not.toBe('')
})

test.each([
  ['frozen', 'audio-frozen'],
  ['no-first-packet', 'audio-silent'],
  ['bad-packets', 'audio-silent'],
  ['not-started', 'audio-failed'],
] as const)('%s', (how, cause) => expect(explainAudioFailure({ how, stderr: [] }).cause).toBe(cause))

test('an unknown end has the last lines, and says nothing of a camera', () => {
  const failure = explainAudioFailure(exited(`${SOURCE} Something new happened.`))
  expect(failure).toEqual({
    cause: 'audio-failed',
    message: 'The process that records sound exited with code 1.',
    hint: `Its last output: ${SOURCE} Something new happened.`,
  })
  expect(explainAudioFailure({ how: 'exited', code: null, signal: 'SIGKILL', stderr: [] }).message).toBe(
    'The process that records sound was killed by SIGKILL.',
  )
})
