import { exhaustionInText } from '../../lib/exhausted.js'
import type { CameraFailure } from '../camera-failure.js'
import { KNOWN_FAILURES } from './failure-table.js'

/** How an attempt to capture ended. */
export interface CaptureExit {
  /** `frozen`: packets stopped. `bad-packets`: only other datagrams arrived. `not-started`: the program could not be run. */
  how: 'exited' | 'frozen' | 'bad-packets' | 'no-first-packet' | 'not-started'
  code?: number | null
  signal?: string | null
  /** The last lines of stderr, oldest first. */
  stderr: readonly string[]
}

/** Explains an exit by exhausted resources, else by known stderr messages, else by how it ended. */
export function explainFailure(exit: CaptureExit, knownCameras: readonly string[] = []): CameraFailure {
  const lines = exit.stderr.filter(isRelevant)
  const context = { text: lines.join('\n'), knownCameras }
  const exhaustion = exhaustionInText(context.text)
  if (exhaustion !== undefined) return exhaustion
  for (const { pattern, cause, message, hint } of KNOWN_FAILURES) {
    const match = pattern.exec(context.text)
    if (match !== null) return { cause, message: message(match), hint: hint(match, context) }
  }
  return explainByExit(exit, lines)
}

function explainByExit({ how, code, signal }: CaptureExit, lines: readonly string[]): CameraFailure {
  const lastLines = lines.slice(-3).join(' | ')
  const output =
    lastLines === '' ? "Run with --debug to see GStreamer's output." : `Its last output: ${lastLines}`
  switch (how) {
    case 'frozen':
      return {
        cause: 'frozen',
        message: 'The camera stopped sending frames without an error.',
        hint: `It is restarted automatically. If this repeats, check cable and power. ${output}`,
      }
    case 'bad-packets':
      return {
        cause: 'bad-packets',
        message: 'The capture process sends packets that are not the expected RTP stream.',
        hint: `It is restarted automatically. If this repeats, please report it. ${output}`,
      }
    case 'no-first-packet':
      return {
        cause: 'no-first-packet',
        message: 'The camera started but sends no video.',
        hint: `Check the cable, and try a smaller width and height. ${output}`,
      }
    case 'not-started':
      return { cause: 'unknown', message: 'The capture process could not be started.', hint: output }
    case 'exited':
      return typeof signal === 'string'
        ? { cause: 'crashed', message: `The capture process was killed by ${signal}.`, hint: output }
        : {
            cause: 'unknown',
            message: `The capture process exited with code ${code ?? 'unknown'}.`,
            hint: output,
          }
  }
}

/** GLib's critical warnings and debug log lines do not indicate a failure. */
const isRelevant = (line: string): boolean =>
  line.trim() !== '' && !/-CRITICAL \*\*|-WARNING \*\*|^\d+:\d\d:\d\d\.\d+ /.test(line)
