import type { Chapter, Check, Status } from './check.js'

const SIGN: Record<Status, string> = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' }

/** One line per check under the heading of its chapter, and its hint indented below. */
export function formatReport(chapters: readonly Chapter[]): string {
  const parts = chapters
    .filter(({ checks }) => checks.length > 0)
    .map(({ title, checks }) => `${title}\n${checks.map(formatCheck).join('')}`)
  return `${parts.join('\n')}\n${summaryOf(chapters)}\n`
}

function formatCheck({ status, title, detail, hint }: Check): string {
  return `  ${SIGN[status]}  ${title}: ${detail}\n${hint === undefined ? '' : `           -> ${hint}\n`}`
}

function summaryOf(chapters: readonly Chapter[]): string {
  const count = (status: Status): number =>
    allChecks(chapters).filter((check) => check.status === status).length
  const [problems, warnings] = [count('problem'), count('warning')]
  if (problems + warnings === 0) return 'No problems found.'
  const some = (n: number, word: string): string[] => (n === 0 ? [] : [`${n} ${word}${n === 1 ? '' : 's'}`])
  const counts = [...some(problems, 'problem'), ...some(warnings, 'warning')].join(', ')
  return problems === 0 ? `${counts}; nothing prevents a camera from playing.` : `${counts}.`
}

export function jsonReport(chapters: readonly Chapter[]): string {
  const checks = allChecks(chapters).map(({ id, status, title, detail, hint }) => ({
    id,
    status,
    message: `${title}: ${detail}`,
    ...(hint === undefined ? {} : { hint, mend: hint }), // `mend`: former name, for one more release
  }))
  return JSON.stringify({ ok: !hasProblem(chapters), checks }, undefined, 2)
}

export const hasProblem = (chapters: readonly Chapter[]): boolean =>
  allChecks(chapters).some(({ status }) => status === 'problem')

const allChecks = (chapters: readonly Chapter[]): Check[] => chapters.flatMap(({ checks }) => checks)
