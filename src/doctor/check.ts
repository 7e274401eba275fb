export type Status = 'ok' | 'warning' | 'problem'

/** What was looked at, and what was found. */
export interface Check {
  /** Stable and kebab-case: what a program may compare. The same for every camera and every port. */
  id: string
  /** `problem`: it keeps a camera from playing. */
  status: Status
  /** What it is about, as `camera1 device`. */
  title: string
  detail: string
  /** What to do about it, where there is something to do. */
  hint?: string
}

/** Checks that belong together, under a heading. */
export interface Chapter {
  title: string
  checks: Check[]
}

export const ok = (id: string, title: string, detail: string): Check => ({ id, status: 'ok', title, detail })

export const warning = (id: string, title: string, detail: string, hint?: string): Check =>
  hint === undefined
    ? { id, status: 'warning', title, detail }
    : { id, status: 'warning', title, detail, hint }

export const problem = (id: string, title: string, detail: string, hint?: string): Check => ({
  ...warning(id, title, detail, hint),
  status: 'problem',
})
