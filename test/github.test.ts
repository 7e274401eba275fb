import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
const parsed = (name: string): unknown => parse(read(name), { strict: true, uniqueKeys: true })

interface Step {
  name?: string
  uses?: string
  run?: string
  with?: Record<string, unknown>
}
interface Job {
  'runs-on': string
  'timeout-minutes'?: number
  permissions?: Record<string, string>
  needs?: string
  strategy?: { matrix: { node: string[]; include?: { node?: string }[] } }
  steps: Step[]
}
interface Workflow {
  on: Record<string, unknown>
  permissions: Record<string, string>
  jobs: Record<string, Job>
}
interface FormField {
  type: string
  id?: string
  attributes: { label?: string; options?: unknown[]; value?: string }
  validations?: { required?: boolean }
}
interface Form {
  name: string
  description: string
  body: FormField[]
}
interface Package {
  version: string
  scripts: Record<string, string>
  engines: { node: string }
  dependencies: Record<string, string>
  repository: { url: string }
  bugs: { url: string }
  homepage: string
}

const pkg = JSON.parse(read('package.json')) as Package
const oldestNode = pkg.engines.node.replace('>=', '')
const workflows = readdirSync(new URL('../.github/workflows', import.meta.url)).map((file) => ({
  file,
  workflow: parsed(`.github/workflows/${file}`) as Workflow,
}))
const ci = workflows.find(({ file }) => file === 'ci.yml')!.workflow
const release = workflows.find(({ file }) => file === 'release.yml')!.workflow
const jobsOf = ({ jobs }: Workflow): Job[] => Object.values(jobs)
const commandsOf = (workflow: Workflow): string[] =>
  jobsOf(workflow).flatMap(({ steps }) => steps.flatMap(({ run }) => run?.split('\n') ?? []))
const form = (name: string): Form => parsed(`.github/ISSUE_TEMPLATE/${name}.yml`) as Form

/** The scripts of package.json that a text runs. */
const scriptsIn = (text: string): string[] =>
  Array.from(
    text.matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(test|start)\b)/g),
    ([, run, short]) => (run ?? short)!,
  )

test.each([...workflows.map(({ file }) => `.github/workflows/${file}`), 'CONTRIBUTING.md'])(
  '%s runs only npm scripts that exist',
  (file) => {
    const scripts = scriptsIn(read(file))
    expect(scripts).not.toEqual([])
    expect(scripts.filter((script) => !(script in pkg.scripts))).toEqual([])
  },
)

test.each(workflows)(
  '$file has jobs with a runner, a time limit and steps that do something',
  ({ workflow }) => {
    expect(workflow.on).toBeTypeOf('object')
    expect(workflow.permissions).toBeTypeOf('object') // without it a job's token may write
    for (const job of jobsOf(workflow)) {
      expect(job['runs-on']).toBeTypeOf('string')
      expect(job['timeout-minutes']).toBeGreaterThan(0)
      expect(job.steps.filter(({ uses, run }) => (uses === undefined) === (run === undefined))).toEqual([])
      if (job.needs !== undefined) expect(workflow.jobs).toHaveProperty(job.needs)
    }
  },
)

test.each(workflows)('$file uses no action without a version', ({ workflow }) => {
  const actions = jobsOf(workflow).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []))
  expect(actions.filter((action) => !/^[\w-]+\/[\w-]+@v\d/.test(action))).toEqual([])
})

test('the unit tests run on the oldest Node.js that package.json allows, and on newer ones', () => {
  const { node, include = [] } = ci.jobs['unit']!.strategy!.matrix
  const versions = [...node, ...include.flatMap((row) => row.node ?? [])]
  const [major, minor] = oldestNode.split('.')
  expect(versions).toContain(`${major}.${minor}`)
  expect(versions.map((version) => Number(version.split('.')[0]))).toEqual(
    expect.arrayContaining([20, 22, 24]),
  )
  expect(versions.filter((version) => typeof version !== 'string')).toEqual([]) // YAML reads 20.10 as 20.1
})

test('.nvmrc names the oldest Node.js that package.json allows', () =>
  expect(read('.nvmrc').trim()).toBe(oldestNode))

test('every kind of test that `npm test` runs is run by CI', () => {
  const run = scriptsIn(commandsOf(ci).join('\n'))
  const needed = scriptsIn(pkg.scripts['test']!).filter((script) => script !== 'build')
  expect(needed.filter((script) => !run.includes(script))).toEqual([])
})

test('a release comes from a tag that names the version, and is published with provenance', () => {
  expect(release.on).toEqual({ push: { tags: ['v*'] } })
  const commands = commandsOf(release)
  expect(commands).toContain('test "$GITHUB_REF_NAME" = "v$version"')
  expect(commands.some((command) => /^npm publish .*--provenance/.test(command))).toBe(true)
  expect(release.jobs['publish']!.permissions).toEqual({ 'id-token': 'write' })
})

test('CHANGELOG.md describes the version in package.json', () => {
  const headings = Array.from(read('CHANGELOG.md').matchAll(/^## (.*)$/gm), ([, heading]) => heading!)
  expect(headings[0]).toBe('[Unreleased]')
  expect(headings[1]).toMatch(
    new RegExp(`^\\[${pkg.version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d\\d-\\d\\d$`),
  )
})

test('dependabot watches npm and the actions, and leaves the exact version of werift alone', () => {
  const { version, updates } = parsed('.github/dependabot.yml') as {
    version: number
    updates: { 'package-ecosystem': string; ignore?: { 'dependency-name': string }[] }[]
  }
  expect(version).toBe(2)
  expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'github-actions'])
  expect(updates[0]!.ignore).toContainEqual({ 'dependency-name': 'werift' })
  expect(pkg.dependencies['werift']).toMatch(/^\d+\.\d+\.\d+$/)
})

test.each(['bug', 'feature'])('the issue form "%s" has fields that GitHub can render', (name) => {
  const { name: title, description, body } = form(name)
  expect([title, description].every((text) => text.length > 0)).toBe(true)
  for (const { type, id, attributes } of body) {
    expect(['markdown', 'input', 'textarea', 'dropdown', 'checkboxes']).toContain(type)
    if (type === 'markdown') expect(attributes.value).toBeTypeOf('string')
    else expect([id, attributes.label]).toEqual([expect.stringMatching(/^[\w-]+$/), expect.any(String)])
  }
  const ids = body.flatMap(({ id }) => id ?? [])
  expect(new Set(ids).size).toBe(ids.length)
})

test('a bug report has to have the version, the output of doctor and the log', () => {
  const required = form('bug').body.filter(({ validations }) => validations?.required === true)
  expect(required.map(({ id }) => id)).toEqual(expect.arrayContaining(['version', 'doctor', 'log']))
  const doctor = required.find(({ id }) => id === 'doctor')!
  expect(doctor.attributes.label).toBe('rpi-webrtc doctor --json')
})

test('the contact links and package.json point to the same repository', () => {
  const repository = pkg.repository.url.replace(/^git\+|\.git$/g, '')
  expect(pkg.bugs.url).toBe(`${repository}/issues`)
  expect(pkg.homepage).toBe(`${repository}#readme`)
  const { contact_links: links } = parsed('.github/ISSUE_TEMPLATE/config.yml') as {
    contact_links: { url: string }[]
  }
  for (const { url } of links) expect(url.startsWith(`${repository}/`)).toBe(true)
})

test('.editorconfig sets the width that prettier uses', () => {
  const { printWidth } = JSON.parse(read('.prettierrc.json')) as { printWidth: number }
  expect(read('.editorconfig')).toContain(`max_line_length = ${printWidth}\n`)
})
