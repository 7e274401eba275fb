import { allCases } from './cases.js'

/** main.ts [--seed S] [--only WORDS]: plays every case and prints the table; exit code 1 when a case went wrong. */
const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(name)
  return at === -1 ? undefined : process.argv[at + 1]
}
const seed = Number(argument('--seed') ?? 1)
const only = argument('--only')

console.log(`| case | a connected viewer saw | /health | restarts | verdict |\n|---|---|---|---|---|`)
for (const { title, play } of allCases) {
  if (only !== undefined && !title.includes(only)) continue
  const { viewer, health, restarts, problems } = await play(seed).catch((error: unknown) => ({
    viewer: '',
    health: '',
    restarts: '',
    problems: [error instanceof Error ? error.message : String(error)],
  }))
  const verdict = problems.length === 0 ? 'as it should be' : problems.join('; ').replaceAll(/\s+/g, ' ')
  console.log(`| ${title} | ${viewer} | ${health} | ${restarts} | ${verdict} |`)
  if (problems.length > 0) process.exitCode = 1
}
