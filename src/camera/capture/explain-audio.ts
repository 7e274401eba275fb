import { exhaustionInText } from '../../lib/exhausted.js'
import type { CameraFailure } from '../camera-failure.js'
import { ALSA_FAILURES } from '../failures/alsa.js'
import { UNKNOWN_PIPELINE } from '../failures/pipeline-facts.js'
import { firstMatch, isRelevant, lastOutput, type CaptureExit } from './explain-failure.js'

/** Why the process that records the sound ended, or sends nothing. */
export function explainAudioFailure({ how, code, signal, stderr }: CaptureExit): CameraFailure {
  const lines = stderr.filter(isRelevant)
  const text = lines.join('\n')
  const known = exhaustionInText(text) ?? firstMatch(ALSA_FAILURES, { text, pipeline: UNKNOWN_PIPELINE })
  if (known !== undefined) return known
  const output = lastOutput(lines)
  switch (how) {
    case 'frozen':
      return {
        cause: 'audio-frozen',
        message: 'The microphone stopped sending sound without an error.',
        hint: `It is restarted automatically. If this repeats, check its cable. ${output}`,
      }
    case 'bad-packets':
    case 'no-first-packet':
      return {
        cause: 'audio-silent',
        message: 'The microphone was opened but sends no sound.',
        hint: `Check its cable, or write another device in [cameraN.audio]. ${output}`,
      }
    case 'not-started':
      return {
        cause: 'audio-failed',
        message: 'The process that records sound could not be started.',
        hint: output,
      }
    case 'exited':
      return {
        cause: 'audio-failed',
        message:
          typeof signal === 'string'
            ? `The process that records sound was killed by ${signal}.`
            : `The process that records sound exited with code ${code ?? 'unknown'}.`,
        hint: output,
      }
  }
}
