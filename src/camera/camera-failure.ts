/** Why a camera delivers nothing, in words for the page, /health and the log. */
export interface CameraFailure {
  /** Stable and kebab-case: what a program may compare. */
  cause: string
  /** One plain sentence. */
  message: string
  /** What a person can do about it. */
  hint: string
}
