/** What the guest reports to the host on its second serial port, one JSON object per line. */
export type GuestEvent =
  | { event: 'ready'; bootS: number; versions: string[] }
  | { event: 'begin'; name: string; limitS: number }
  | { event: 'end'; name: string; result: CaseResult }
  | { event: 'done' }

export type CaseResult =
  | { verdict: 'passed'; seen: string; tookS: number }
  | { verdict: 'failed'; problem: string; tookS: number }
  | { verdict: 'impossible'; reason: string; tookS: number }

/** @returns undefined for a line that is something else, such as a message of the kernel. */
export function parseEvent(line: string): GuestEvent | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'event' in value ? (value as GuestEvent) : undefined
  } catch {
    return undefined
  }
}
