import type {
  ControlAnswer as Control,
  ControlsAnswer,
  ControlValue as Value,
} from '../../src/http/routes/controls-answer.js'

export interface FakeRequest {
  method: string
  path: string
  body: unknown
}

export interface FakeAnswer {
  status: number
  json: unknown
}

/** A camera module as libcamera describes it: every change restarts the capture. */
export const moduleControls = (): Control[] => [
  {
    name: 'autofocus',
    group: 'focus',
    type: 'choice',
    choices: [
      { value: 'continuous', label: 'Continuous' },
      { value: 'manual', label: 'Manual' },
    ],
    default: 'continuous',
    value: 'continuous',
    applies: 'restart',
  },
  {
    name: 'lens-position',
    group: 'focus',
    type: 'number',
    min: 0,
    max: 32,
    step: 0.1,
    unit: 'dioptres',
    applies: 'restart',
    inactive: true,
    why: 'The autofocus moves the lens.',
  },
  {
    name: 'exposure-time-us',
    group: 'exposure',
    type: 'integer',
    min: 100,
    max: 200_000,
    step: 1,
    unit: 'us',
    applies: 'restart',
  },
  {
    name: 'awb',
    group: 'colour',
    type: 'choice',
    choices: [
      { value: 'auto', label: 'Automatic' },
      { value: 'daylight', label: 'Daylight' },
    ],
    default: 'auto',
    value: 'auto',
    applies: 'restart',
  },
  { name: 'colour-gains', group: 'colour', type: 'numbers', min: 0, max: 32, length: 2, applies: 'restart' },
  {
    name: 'brightness',
    group: 'picture',
    type: 'number',
    min: -1,
    max: 1,
    step: 0.01,
    default: 0,
    value: 0.1,
    unit: '',
    applies: 'restart',
  },
  {
    name: 'zoom',
    group: 'picture',
    type: 'rectangle',
    min: 0,
    max: 1,
    length: 4,
    default: [0, 0, 1, 1],
    value: [0, 0, 1, 1],
    applies: 'restart',
  },
]

/** A USB camera: its driver applies each change at once. */
export const usbControls = (): Control[] => [
  {
    name: 'focus_automatic_continuous',
    group: 'focus',
    type: 'boolean',
    default: true,
    value: true,
    applies: 'live',
  },
  {
    name: 'focus_absolute',
    group: 'focus',
    type: 'integer',
    min: 0,
    max: 250,
    step: 5,
    default: 0,
    value: 30,
    applies: 'live',
    inactive: true,
    why: 'The focus is automatic.',
  },
  {
    name: 'brightness',
    group: 'picture',
    type: 'integer',
    min: 0,
    max: 255,
    step: 1,
    default: 128,
    value: 128,
    applies: 'live',
  },
]

/** A server with the controls of one camera, as docs/http-api.md describes it, in the memory of a test. */
export class FakeControlsApi {
  readonly requests: FakeRequest[] = []
  /** The most requests that were under way at the same time. */
  mostAtOnce = 0
  /** Answers instead of the next requests, or stands for no answer at all. */
  readonly instead: (FakeAnswer | 'unreachable')[] = []
  /** Until it resolves no request is answered. */
  held: Promise<void> = Promise.resolve()
  #underWay = 0
  #saved: Map<string, Value | undefined>
  readonly #byDefault: Map<string, Value | undefined>

  readonly controls: Control[]
  readonly #about: Partial<ControlsAnswer>

  constructor(controls: Control[], about: Partial<ControlsAnswer> = {}) {
    this.controls = controls
    this.#about = about
    this.#saved = this.#values()
    this.#byDefault = new Map(controls.map((control) => [control.name, control.default]))
  }

  /** @returns undefined when the server is unreachable. */
  async answer(request: FakeRequest): Promise<FakeAnswer | undefined> {
    this.requests.push(request)
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#underWay)
    try {
      await this.held
      const instead = this.instead.shift()
      if (instead !== undefined) return instead === 'unreachable' ? undefined : instead
      if (request.path.endsWith('/save')) return this.#save()
      return request.method === 'PATCH'
        ? this.#change(request.body as Record<string, Value | null>)
        : this.#read()
    } finally {
      this.#underWay--
    }
  }

  /** The bodies of the changes so far. */
  get changes(): unknown[] {
    return this.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => body)
  }

  control(name: string): Control {
    return this.controls.find((control) => control.name === name)!
  }

  #values(): Map<string, Value | undefined> {
    return new Map(this.controls.map(({ name, value }) => [name, value]))
  }

  #read(): FakeAnswer {
    const unsaved = JSON.stringify([...this.#values()]) !== JSON.stringify([...this.#saved])
    const settings = {
      camera: 'camera1',
      kind: 'libcamera',
      unsaved,
      controls: structuredClone(this.controls),
      ...this.#about,
    }
    return { status: 200, json: settings }
  }

  #change(changes: Record<string, Value | null>): FakeAnswer {
    for (const [name, value] of Object.entries(changes)) {
      const { min = -Infinity, max = Infinity } = this.control(name)
      if (typeof value === 'number' && (value < min || value > max)) {
        const size = value < min ? 'small' : 'large'
        const message = `${name}: ${value} is too ${size}: from ${min} to ${max}`
        return { status: 400, json: { error: 'invalid-control', message } }
      }
    }
    for (const [name, value] of Object.entries(changes)) {
      const control = this.control(name)
      const now = value ?? this.#byDefault.get(name)
      if (now === undefined) delete control.value
      else control.value = now
    }
    this.#updateDependents()
    return this.#read()
  }

  /** The lens can be moved while the autofocus does not. */
  #updateDependents(): void {
    const isManual = (name: string): boolean => {
      const value = this.controls.find((control) => control.name === name)?.value
      return value === 'manual' || value === false
    }
    const pairs = [
      ['autofocus', 'lens-position'],
      ['focus_automatic_continuous', 'focus_absolute'],
    ] as const
    for (const [automatic, dependent] of pairs) {
      const control = this.controls.find(({ name }) => name === dependent)
      if (control !== undefined) control.inactive = !isManual(automatic)
    }
  }

  #save(): FakeAnswer {
    const now = this.#values()
    const changed = [...now.keys()].filter(
      (name) => JSON.stringify(now.get(name)) !== JSON.stringify(this.#saved.get(name)),
    )
    this.#saved = now
    const path = '/etc/rpi-webrtc/config.toml'
    return { status: 200, json: { path, backup: `${path}.bak`, changed } }
  }
}
