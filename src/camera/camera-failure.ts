/** Why a camera delivers nothing. It is shown on the page, in /health and in the log. */
export interface CameraFailure {
  /** Stable and kebab-case, for programs to compare. */
  cause: string
  message: string
  /** What the user can do about it. */
  hint: string
}
