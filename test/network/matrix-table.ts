import type { Row } from './measure.js'

const HEAD = [
  'network',
  'browser',
  'path',
  'candidates (viewer - server)',
  'first picture',
  'WebRTC',
  'longest gap',
  'what the page says',
]

const seconds = (value: number | undefined): string => (value === undefined ? '' : `${value.toFixed(1)} s`)

function cellsOf({ name, browser, outcome, before, failure }: Row): string[] {
  const bad = failure === undefined ? '' : `**${failure}** `
  if (outcome === undefined) return [name, browser, bad, '', '', '', '', '']
  const { path, pair, firstS, webrtcS, longestGapS, sentence } = outcome
  const wasPlaying = before !== undefined && before !== 'HTTP' && before !== 'none'
  const gap = before !== undefined ? `${longestGapS.toFixed(2)} s` : ''
  return [
    name,
    browser,
    bad + path,
    pair,
    before === undefined ? seconds(firstS) : '',
    wasPlaying ? '' : seconds(webrtcS),
    gap,
    sentence,
  ]
}

/** Markdown. */
export function table(rows: readonly Row[], { head = true } = {}): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  const heading = [line(HEAD), `|${'---|'.repeat(HEAD.length)}`]
  return [...(head ? heading : []), ...rows.map((row) => line(cellsOf(row)))].join('\n')
}
