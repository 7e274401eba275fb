export interface CameraStatusFacts {
  key: string
  state: 'starting' | 'live' | 'lost' | 'idle'
  message?: string
}

/** The line in `systemctl status`: "2 cameras live, 3 viewers", then each failed camera with the reason. */
export function statusLine(cameras: readonly CameraStatusFacts[], viewers: number): string {
  const countOf = (state: CameraStatusFacts['state']): number =>
    cameras.filter((camera) => camera.state === state).length
  const live = countOf('live')
  const all = live === cameras.length ? '' : `${live} of `
  const others = (['starting', 'idle'] as const)
    .filter((state) => countOf(state) > 0)
    .map((state) => `, ${countOf(state)} ${state === 'idle' ? 'idle (on demand)' : 'starting'}`)
  const failures = cameras
    .filter(({ state }) => state === 'lost')
    .map(({ key, message = 'lost' }) => `; ${key} fails: ${message.replace(/\.$/, '')}`)
  return [
    `${all}${count(cameras.length, 'camera')} live`,
    ...others,
    `, ${count(viewers, 'viewer')}`,
    ...failures,
  ]
    .join('')
    .slice(0, MAX_CHARS)
}

const MAX_CHARS = 500

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
