import { expect, onTestFinished, test, vi } from 'vitest'
import { createLog, silentLog, type Log, type LogOptions } from './log.js'

/** A log of the part `camera1`, and the lines it has written. */
function record(options: Partial<LogOptions> = {}): { log: Log; lines: string[] } {
  const lines: string[] = []
  const spy = vi.spyOn(console, 'log').mockImplementation((...words) => void lines.push(words.join(' ')))
  onTestFinished(() => spy.mockRestore())
  const root = createLog({ debug: false, format: 'pretty', colours: false, journal: false, ...options })
  return { log: root.child('camera1'), lines }
}

test('a line is a time, a level, a part and a sentence', () => {
  const { log, lines } = record()
  log.info('the camera delivers')
  expect(lines).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} INFO camera1: the camera delivers$/),
  ])
})

test('fields follow the sentence, in quotes where a space would end them', () => {
  const { log, lines } = record()
  log.warn('viewer left', {
    reason: 'asked-to-leave',
    device: '/dev/video0',
    hint: 'check "it"',
    viewers: 3,
    live: true,
    cause: undefined,
    addresses: ['10.0.0.1', '::1'],
    empty: '',
  })
  expect(lines[0]).toMatch(
    / viewer left reason=asked-to-leave device=\/dev\/video0 hint="check \\"it\\"" viewers=3 live=true addresses=\["10.0.0.1","::1"\] empty=""$/,
  )
})

test('a percent sign is a percent sign', () => {
  const { log, lines } = record()
  log.info('100 %d of %s %%', { text: '%s' })
  expect(lines[0]).toMatch(/100 %d of %s %% text="%s"$/)
})

test('details are written only when they are asked for', () => {
  const quiet = record()
  quiet.log.debug('detail')
  expect(quiet.lines).toEqual([])
  const talking = record({ debug: true })
  talking.log.debug('detail')
  expect(talking.lines[0]).toMatch(/ DEBUG camera1: detail$/)
})

test('colours are written only when they are asked for', () => {
  const plain = record()
  plain.log.error('broken')
  // eslint-disable-next-line no-control-regex -- what this is about
  expect(plain.lines[0]).not.toMatch(/\u001b/)
  const coloured = record({ colours: true })
  coloured.log.error('broken')
  // eslint-disable-next-line no-control-regex -- what this is about
  expect(coloured.lines[0]).toMatch(/\u001b\[/)
})

const hostile: [what: string, text: string, shown: string][] = [
  ['a new line', 'a\n2026-01-01 00:00:00.000 ERROR main: forged', 'a\\u{a}2026'],
  ['a carriage return', 'a\rforged', 'a\\u{d}forged'],
  ['a colour', '\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
  ['a window title', '\u001b]0;owned\u0007', '\\u{1b}]0;owned\\u{7}'],
  ['an 8-bit control sequence', '\u009b2J', '\\u{9b}2J'],
  ['a backspace and a delete', 'a\b\u007f', 'a\\u{8}\\u{7f}'],
  ['a line separator of Unicode', 'a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
  ['a change of the direction of writing', 'a\u202eb', 'a\\u{202e}b'],
]
const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

test.each(hostile)('%s in a sentence is shown, not obeyed', (_what, text, shown) => {
  const { log, lines } = record()
  log.debug(text)
  log.warn(text)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain(`WARN camera1: ${shown}`)
  expect(lines[0]).not.toMatch(controls)
})

test.each(hostile)('%s in a field is shown, not obeyed', (_what, text) => {
  const { log, lines } = record()
  log.warn('said', { text, list: [text] })
  expect(lines).toHaveLength(1)
  expect(lines[0]).not.toMatch(controls)
})

test('letters of every language stay as they are', () => {
  const { log, lines } = record()
  log.info('Küche 厨房 مطبخ', { name: 'Küche 厨房' })
  expect(lines[0]).toMatch(/Küche 厨房 مطبخ name="Küche 厨房"$/)
})

test('the silent log takes everything and keeps nothing', () => {
  const { lines } = record()
  for (const level of ['debug', 'info', 'warn', 'error'] as const) silentLog[level]('said', { a: 1 })
  expect(lines).toEqual([])
})

test('a line for machines is one JSON object: time, level, part, message, and the fields', () => {
  const { log, lines } = record({ format: 'json' })
  log.warn('100 %d gone', { reason: 'silent', viewers: 3, live: true, cause: undefined, list: ['a', '::1'] })
  log.error('broken')
  log.debug('detail')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      level: 'warn',
      part: 'camera1',
      message: '100 %d gone',
      reason: 'silent',
      viewers: 3,
      live: true,
      list: ['a', '::1'],
    },
    expect.objectContaining({ level: 'error', message: 'broken' }),
  ])
})

test('a field cannot pass itself off as the time, the level, the part or the message of its line', () => {
  const { log, lines } = record({ format: 'json' })
  log.info('said', { message: 'forged', level: 'error' })
  expect(JSON.parse(lines[0]!)).toMatchObject({
    message: 'said',
    level: 'info',
    message_: 'forged',
    level_: 'error',
  })
})

test.each([...hostile, ['a tag beyond 16 bits', 'a\u{e0001}b', '']])(
  '%s is one line of JSON, not obeyed, and there when it is parsed',
  (_what, text) => {
    const { log, lines } = record({ format: 'json' })
    log.warn(text, { text, list: [text] })
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toMatch(controls)
    expect(JSON.parse(lines[0]!)).toMatchObject({ message: text, text, list: [text] })
  },
)

test.each(['pretty', 'json'] as const)(
  'the journal gets the level of a %s line as it reads levels',
  (format) => {
    const { log, lines } = record({ format, journal: true, debug: true })
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]('said')
    expect(lines.map((line) => line.slice(0, 3))).toEqual(['<7>', '<6>', '<4>', '<3>'])
  },
)

test('the journal has its own clock', () => {
  const { log, lines } = record({ journal: true })
  log.info('the camera delivers')
  expect(lines).toEqual(['<6>INFO camera1: the camera delivers'])
})
