export interface CameraStatusFacts {
  key: string
  state: 'starting' | 'live' | 'lost' | 'idle'
  message?: string
}

/** What `systemctl status` shows: "2 cameras live, 3 viewers", and each camera that fails, with why. */
export function statusLine(cameras: readonly CameraStatusFacts[], viewers: number): string {
  const having = (state: CameraStatusFacts['state']): number =>
    cameras.filter((camera) => camera.state === state).length
  const live = having('live')
  const all = live === cameras.length ? '' : `${live} of `
  const others = (['starting', 'idle'] as const)
    .filter((state) => having(state) > 0)
    .map((state) => `, ${having(state)} ${state === 'idle' ? 'off until somebody watches' : 'starting'}`)
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

/** One datagram holds more; nobody reads more. */
const MAX_CHARS = 500

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
