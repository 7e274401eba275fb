export type Status = 'ok' | 'warning' | 'problem'

/** One finding. */
export interface Check {
  /** Stable name in kebab-case, the same for every camera and every port. */
  id: string
  /** `problem` if it prevents a camera from playing. */
  status: Status
  /** Subject, such as `camera1 device`. */
  title: string
  detail: string
  /** What to do about it. */
  hint?: string
}

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
