import { exhaustionInText } from '../../lib/exhausted.js'
import type { CameraFailure } from '../camera-failure.js'
import type { FailureContext, KnownFailure } from '../failures/known-failure.js'
import { UNKNOWN_PIPELINE, type PipelineFacts } from '../failures/pipeline-facts.js'
import { GENERAL_FAILURES, SPECIFIC_FAILURES } from './failure-table.js'

/** How an attempt to capture ended. */
export interface CaptureExit {
  /** `frozen`: packets stopped. `bad-packets`: only other datagrams arrived. `not-started`: the program could not be run. */
  how: 'exited' | 'frozen' | 'bad-packets' | 'no-first-packet' | 'not-started'
  code?: number | null
  signal?: string | null
  /** The last lines of stderr, oldest first. */
  stderr: readonly string[]
}

/**
 * Explains an exit by known stderr messages, else by how it ended. "Cannot allocate memory" is the last resort: drivers
 * report it for memory of their own too, and print more lines then.
 */
export function explainFailure(exit: CaptureExit, pipeline = UNKNOWN_PIPELINE): CameraFailure {
  const lines = exit.stderr.filter(isRelevant)
  const context: FailureContext = { text: lines.join('\n'), pipeline }
  const exhaustion = exhaustionInText(context.text)
  if (exhaustion !== undefined && exhaustion.cause !== 'out-of-memory') return exhaustion
  return (
    firstMatch(SPECIFIC_FAILURES, context) ??
    exhaustion ??
    firstMatch(GENERAL_FAILURES, context) ??
    explainByExit(exit, lines, pipeline)
  )
}

export function firstMatch(
  rows: readonly KnownFailure[],
  context: FailureContext,
): CameraFailure | undefined {
  for (const { pattern, cause, message, hint } of rows) {
    const match = pattern.exec(context.text)
    if (match !== null) return { cause, message: message(match, context), hint: hint(match, context) }
  }
  return undefined
}

function explainByExit(
  { how, code, signal }: CaptureExit,
  lines: readonly string[],
  pipeline: PipelineFacts,
): CameraFailure {
  const output = lastOutput(lines)
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
        hint: `${silentHint(pipeline)} ${output}`,
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

/** @param lines the relevant ones. */
export function lastOutput(lines: readonly string[]): string {
  const last = lines.filter(isTelling).slice(-3).join(' | ')
  return last === '' ? "Run with --debug to see GStreamer's output." : `Its last output: ${last}`
}

/** jpegdec drops a damaged picture without a message (measured with GStreamer 1.22). */
const silentHint = ({ decodesJpeg }: PipelineFacts): string =>
  decodesJpeg
    ? 'Check the cable, and try a smaller width and height, or format = "raw": damaged JPEG pictures are dropped silently.'
    : 'Check the cable, and try a smaller width and height.'

/** The lines around an error, and libcamera's information, are no reason. */
const isTelling = (line: string): boolean =>
  !/^(?:Additional debug info:|ERROR: pipeline doesn't want to preroll\.|(?:Setting|Freeing) pipeline|Execution ended)| INFO /.test(
    line,
  )

/** GLib's critical warnings and debug log lines do not indicate a failure. */
export const isRelevant = (line: string): boolean =>
  line.trim() !== '' && !/-CRITICAL \*\*|-WARNING \*\*|^\d+:\d\d:\d\d\.\d+ /.test(line)
