/** What the settings panel and the documentation group controls by. */
export type ControlGroup = 'focus' | 'exposure' | 'colour' | 'picture' | 'other'

interface Described {
  group: ControlGroup
  unit?: 'us' | 'EV' | 'dioptres'
  /** Properties of libcamerasrc that it needs, beside those that select manual or automatic. */
  properties: readonly string[]
  /** The first libcamera whose libcamerasrc has them. */
  since: string
  /** Markdown for docs/configuration.md. */
  about: string
}

export interface NumberControl extends Described {
  type: 'number' | 'integer'
  min: number
  max: number
  step: number
  /** Without one the camera decides. */
  default?: number
}

export interface ChoiceControl extends Described {
  type: 'choice'
  choices: Readonly<Record<string, string>>
  default: string
}

export interface ListControl extends Described {
  type: 'rectangle' | 'numbers'
  length: number
  min: number
  max: number
  default?: readonly number[]
}

export type LibcameraControl = NumberControl | ChoiceControl | ListControl

/**
 * Controls of libcamerasrc. Ranges are those of the Raspberry Pi IPA (ipa_base.cpp, libcamera 0.7.1): the element itself declares
 * none. The modes "custom" are absent: they exist only in tuning files that define them.
 */
const TABLE = {
  brightness: {
    type: 'number',
    ...range(-1, 1, 0.01, 0),
    group: 'picture',
    properties: ['brightness'],
    since: '0.4.0',
    about: 'Adds to every pixel.',
  },
  contrast: {
    type: 'number',
    ...range(0, 32, 0.05, 1),
    group: 'picture',
    properties: ['contrast'],
    since: '0.4.0',
    about: '1 is normal.',
  },
  saturation: {
    type: 'number',
    ...range(0, 32, 0.05, 1),
    group: 'colour',
    properties: ['saturation'],
    since: '0.4.0',
    about: '1 is normal, 0 is grey.',
  },
  sharpness: {
    type: 'number',
    ...range(0, 16, 0.05, 1),
    group: 'picture',
    properties: ['sharpness'],
    since: '0.4.0',
    about: '1 is normal, 0 switches sharpening off.',
  },
  exposure: {
    type: 'choice',
    choices: { normal: 'Normal', short: 'Short (sports)', long: 'Long' },
    default: 'normal',
    group: 'exposure',
    properties: ['ae-exposure-mode'],
    since: '0.4.0',
    about:
      'What automatic exposure prefers: short exposures show movement sharply, long ones have less noise.',
  },
  'exposure-time-us': {
    type: 'integer',
    min: 10,
    max: 10_000_000,
    step: 1,
    unit: 'us',
    group: 'exposure',
    properties: ['exposure-time'],
    since: '0.4.0',
    about:
      'Fixed exposure time in microseconds, at most one frame: 33333 at 30 frames per second. The gain stays automatic.',
  },
  'analogue-gain': {
    type: 'number',
    min: 1,
    max: 16,
    step: 0.1,
    group: 'exposure',
    properties: ['analogue-gain'],
    since: '0.4.0',
    about: 'Fixed gain. The exposure time stays automatic. Modules limit it, such as an imx219 to 10.6.',
  },
  'exposure-value': {
    type: 'number',
    ...range(-8, 8, 0.1, 0),
    unit: 'EV',
    group: 'exposure',
    properties: ['exposure-value'],
    since: '0.4.0',
    about: 'Makes automatic exposure darker or brighter: 1 doubles the light.',
  },
  metering: {
    type: 'choice',
    choices: { 'centre-weighted': 'Centre-weighted', spot: 'Spot', matrix: 'Whole picture' },
    default: 'centre-weighted',
    group: 'exposure',
    properties: ['ae-metering-mode'],
    since: '0.4.0',
    about: 'The part of the picture that automatic exposure measures.',
  },
  awb: {
    type: 'choice',
    choices: {
      auto: 'Automatic',
      incandescent: 'Incandescent',
      tungsten: 'Tungsten',
      fluorescent: 'Fluorescent',
      indoor: 'Indoor',
      daylight: 'Daylight',
      cloudy: 'Cloudy',
    },
    default: 'auto',
    group: 'colour',
    properties: ['awb-mode', 'awb-enable'],
    since: '0.4.0',
    about: 'White balance: automatic, or for one kind of light.',
  },
  'colour-gains': {
    type: 'numbers',
    length: 2,
    min: 0.01, // libcamera takes a 0 as a request for automatic white balance
    max: 32,
    group: 'colour',
    properties: ['colour-gains', 'awb-enable'],
    since: '0.4.0',
    about: 'Fixed gains of red and blue, such as `[1.8, 1.5]`. Switches automatic white balance off.',
  },
  autofocus: {
    type: 'choice',
    choices: { continuous: 'Continuous', manual: 'Manual' },
    default: 'continuous',
    group: 'focus',
    properties: ['af-mode'],
    since: '0.4.0',
    about: 'For modules with a motorised lens. With `"manual"`, `lens-position` is the focus.',
  },
  'lens-position': {
    type: 'number',
    min: 0,
    max: 32,
    step: 0.05,
    unit: 'dioptres',
    group: 'focus',
    properties: ['lens-position', 'af-mode'],
    since: '0.4.0',
    about: 'Focus in dioptres: 1 / metres. 0 is infinity, 2 is half a metre. Switches autofocus to manual.',
  },
  'autofocus-range': {
    type: 'choice',
    choices: { normal: 'Normal', macro: 'Close', full: 'All distances' },
    default: 'normal',
    group: 'focus',
    properties: ['af-range'],
    since: '0.4.0',
    about: 'Distances that autofocus searches.',
  },
  'autofocus-speed': {
    type: 'choice',
    choices: { normal: 'Normal', fast: 'Fast' },
    default: 'normal',
    group: 'focus',
    properties: ['af-speed'],
    since: '0.4.0',
    about: 'How fast autofocus moves the lens.',
  },
  'autofocus-window': {
    type: 'rectangle',
    length: 4,
    min: 0,
    max: 1,
    group: 'focus',
    properties: ['af-windows', 'af-metering'],
    since: '0.4.0',
    about:
      'The part of the picture that autofocus looks at: `[x, y, width, height]` as fractions of the picture.',
  },
  zoom: {
    type: 'rectangle',
    length: 4,
    min: 0,
    max: 1,
    default: [0, 0, 1, 1],
    group: 'picture',
    properties: ['scaler-crop'],
    since: '0.4.0',
    about:
      'The part of the picture to show: `[x, y, width, height]` as fractions of the picture before `cameraN.flip-method`. Equal width and height keep its proportions.',
  },
} satisfies Record<string, LibcameraControl>

export type LibcameraControlName = keyof typeof TABLE

export const LIBCAMERA_CONTROLS: Readonly<Record<LibcameraControlName, LibcameraControl>> = TABLE

export const LIBCAMERA_CONTROL_NAMES = Object.keys(TABLE) as LibcameraControlName[]

export const isLibcameraControl = (name: string): name is LibcameraControlName => Object.hasOwn(TABLE, name)

/** Smaller rectangles have too few pixels of the sensor for any picture. */
export const MIN_RECTANGLE_SIDE = 0.02

const NO_VERSION = 'libcamerasrc cannot set it in any version'

/** Names that users expect -> the rest of a sentence that begins with the name. */
export const IMPOSSIBLE_CONTROLS: Readonly<Record<string, string>> = {
  denoise: `is not available, because ${NO_VERSION}: rpicam-vid and MediaMTX (rpiCameraDenoise) can`,
  'noise-reduction-mode': `is not available, because ${NO_VERSION}: rpicam-vid and MediaMTX (rpiCameraDenoise) can`,
  'flicker-period': flicker(),
  'ae-flicker-period': flicker(),
  'ae-flicker-mode': flicker(),
  flicker: flicker(),
  'af-trigger': `is not available, because ${NO_VERSION}: write autofocus = "continuous", or "manual" with lens-position`,
  'af-pause': `is not available, because ${NO_VERSION}: write autofocus = "manual" with lens-position`,
  gamma: 'has no effect on a Raspberry Pi, in any version of libcamera: write contrast, or set tuning-file',
  'digital-gain': 'has no effect on a Raspberry Pi, in any version of libcamera: write analogue-gain',
  'colour-temperature': `is not available, because ${NO_VERSION}: write awb, or colour-gains`,
  'frame-duration-limits': 'is fps in [cameraN]: write fps = "5-30" there',
  'hdr-mode': 'is hdr in [cameraN]: write hdr = true there, for an imx708',
  hdr: 'belongs into [cameraN]: write hdr = true there',
  'tuning-file': 'belongs into [cameraN]: write it there',
}

/** Other names -> ours: properties of libcamerasrc, and options of rpicam-vid and MediaMTX. */
export const OTHER_NAMES: Readonly<Record<string, LibcameraControlName>> = {
  'exposure-time': 'exposure-time-us',
  shutter: 'exposure-time-us',
  gain: 'analogue-gain',
  ev: 'exposure-value',
  'ae-exposure-mode': 'exposure',
  'ae-metering-mode': 'metering',
  'awb-mode': 'awb',
  awbgains: 'colour-gains',
  'awb-gains': 'colour-gains',
  'color-gains': 'colour-gains',
  'af-mode': 'autofocus',
  'autofocus-mode': 'autofocus',
  'af-range': 'autofocus-range',
  'af-speed': 'autofocus-speed',
  'af-window': 'autofocus-window',
  'af-windows': 'autofocus-window',
  roi: 'zoom',
  'scaler-crop': 'zoom',
}

function flicker(): string {
  return `is not available, because ${NO_VERSION}: rpicam-vid and MediaMTX (rpiCameraFlickerPeriod) can. Write exposure-time-us, a multiple of 10000 under lamps of 50 Hz and of 8333 under lamps of 60 Hz`
}

function range(min: number, max: number, step: number, fallback: number) {
  return { min, max, step, default: fallback }
}
