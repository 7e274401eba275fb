import type { PipelineFacts } from './pipeline-facts.js'

/** What a row may use to write its message and hint. */
export interface FailureContext {
  /** The relevant lines of stderr. */
  text: string
  /** What the pipeline that failed consisted of. */
  pipeline: PipelineFacts
}

/** A text that GStreamer, libcamera, V4L2 or the kernel prints, and what it means. */
export interface KnownFailure {
  pattern: RegExp
  cause: string
  message: (match: RegExpExecArray, context: FailureContext) => string
  hint: (match: RegExpExecArray, context: FailureContext) => string
}
