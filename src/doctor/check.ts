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
  mend?: string
}

/** Checks that belong together, under a heading. */
export interface Chapter {
  title: string
  checks: Check[]
}

export const ok = (id: string, title: string, detail: string): Check => ({ id, status: 'ok', title, detail })

export const warning = (id: string, title: string, detail: string, mend?: string): Check =>
  mend === undefined
    ? { id, status: 'warning', title, detail }
    : { id, status: 'warning', title, detail, mend }

export const problem = (id: string, title: string, detail: string, mend?: string): Check => ({
  ...warning(id, title, detail, mend),
  status: 'problem',
})
