import { lineOf, type Setting } from './foreign-answer.js'
import { foreignKey } from './foreign-keys.js'
import { flagPairs, iniPairs, linesOf, wordPairs, yamlPairs, type Pair } from './foreign-pairs.js'

interface ForeignFile {
  /** With its article, and the form of the file. */
  what: string
  pairs: (text: string) => Pair[]
  /** No TOML has such a line, whatever error it has. */
  isCertain?: boolean
}

const yaml = (what: string): ForeignFile => ({ what: `${what} in YAML`, pairs: yamlPairs })
const flags = (what: string): ForeignFile => ({ what, pairs: flagPairs })
const other = (what: string): ForeignFile => ({ what, pairs: () => [], isCertain: true })

/** A text that is not TOML -> the program that it is for. The first row that matches applies. */
const FILES: readonly (readonly [RegExp, ForeignFile])[] = [
  [
    /^\s*(?:rpiCamera\w+|pathDefaults|rtsp\w*Address|webrtc\w*Address|hlsAddress|sourceOnDemand|authInternalUsers)\s*:/m,
    yaml('a configuration of MediaMTX'),
  ],
  [/^cameras:\s*\n(?:\s+.*\n)*?\s+(?:ffmpeg|detect|inputs):/m, yaml('a configuration of Frigate')],
  [/^(?:streams|go2rtc):\s*$/m, yaml('a configuration of go2rtc')],
  [/^paths:\s*$/m, yaml('a configuration of MediaMTX')],
  [/^\s*-?\s*platform:\s/m, yaml('a configuration of Home Assistant')],
  [/^services:\s*$/m, other('a file of Docker Compose in YAML')],
  [/^\[(?:crowsnest|cam\s[^\]]+)\]/m, { what: 'a configuration of crowsnest', pairs: iniPairs }],
  [
    /^\[(?:webcam\s[^\]]+|moonraker|printer|update_manager[^\]]*|mcu[^\]]*)\]/m,
    other('a configuration of Moonraker or Klipper'),
  ],
  [/^\[(?:Unit|Service|Install)\]/m, other('a unit of systemd')],
  [/^(?:dtoverlay|dtparam|camera_auto_detect|start_x|gpu_mem)\s*=/m, other("the Raspberry Pi's config.txt")],
  [
    /^\s*(?:video_?device|netcam_url|stream_port|webcontrol_port|target_dir|v4l2_palette|libcam_device|picture_output)\s+\S/m,
    { what: 'a configuration of motion', pairs: wordPairs },
  ],
  [
    /^\s*(?:\S*\/)?(?:ustreamer|camera-streamer|pi-webrtc|rpicam-\w+|libcamera-(?:vid|hello|still)|raspivid|mjpg_streamer|go2rtc|mediamtx)\s+-/m,
    flags('a command line of another program'),
  ],
  [/^\s*(?:\S*\/)?(?:ffmpeg|gst-launch-1\.0|v4l2-ctl|sudo)\s+\S/m, other('a command')],
  [/^\s*--[a-z][\w-]*(?:[= ]|$)/m, flags('a list of flags of another program')],
]

/**
 * What to say about a text that is not TOML and belongs to another program; undefined if it is TOML with an error.
 * The settings that this program has are in the answer, ready to paste.
 */
export function foreignFile(text: string): string | undefined {
  const file = recognise(text)
  if (file === undefined) return undefined
  const start = `this is ${file.what}, and this program has a configuration of its own, in TOML`
  const lines = translated(file.pairs(text))
  const init =
    '"rpi-webrtc init" writes one for the cameras of this machine, and docs/coming-from.md compares the keys'
  if (lines.length === 0) return `${start}: ${init}`
  return [`${start}: write`, ...lines.map((line) => `    ${line}`), `  ${init}`].join('\n')
}

/** TOML with one error has more lines of TOML than of anything else. */
function recognise(text: string): ForeignFile | undefined {
  const lines = linesOf(text)
  const count = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length
  const toml = count(/^\s*[\w.-]+\s*=\s*(?:["'[{]|true\b|false\b|[\d+-])/) + count(/^\s*\[[\w.-]+\]\s*$/)
  const mappings = count(/^\s*(?:-\s+)?["']?[\w.~/-]+["']?\s*:(?:\s|$)/)
  const plain = lines.join('\n')
  const known = FILES.find(([pattern]) => pattern.test(plain))?.[1]
  if (known !== undefined && (known.isCertain === true || toml * 2 <= lines.length)) return known
  return mappings >= 2 && mappings > toml ? yaml('a configuration') : undefined
}

const MAX_CAMERAS = 8

/** Tables of this program, in the order in which they are to be pasted. */
function translated(pairs: readonly Pair[]): string[] {
  const shared = new Map<string, Map<string, Setting>>()
  const cameras = new Map<string, Setting[]>()
  /** Why a source cannot be a device. */
  const sources = new Map<string, string>()
  for (const { group, key, value } of pairs) {
    const answer = foreignKey(key, value) ?? foreignKey(`camera-${key}`, value)
    if (typeof answer === 'string' && isSource(key)) {
      sources.set(group, answer)
      cameras.set(group, cameras.get(group) ?? [])
    }
    if (answer === undefined || typeof answer === 'string') continue
    for (const setting of answer) {
      if (setting.table === 'server' || setting.table === 'webrtc' || setting.table === 'rtsp') {
        const table = shared.get(setting.table) ?? new Map<string, Setting>()
        shared.set(setting.table, table.set(setting.key, setting))
      } else if (!/^(?:all|all_others|pathDefaults|defaults)$/.test(group))
        cameras.set(group, [...(cameras.get(group) ?? []), setting])
    }
  }
  // What no camera has is a default of all of them.
  if (cameras.size > 1) cameras.delete('')
  return [
    ...[...cameras]
      .slice(0, MAX_CAMERAS)
      .flatMap(([group, settings], i) => cameraLines(i + 1, settings, sources.get(group))),
    ...[...shared].flatMap(([table, settings]) => [`[${table}]`, ...[...settings.values()].map(lineOf)]),
  ]
}

const isSource = (key: string): boolean => /^(?:source|camera|video_?device|netcam_url|url|input)$/i.test(key)

function cameraLines(number: number, settings: readonly Setting[], source: string | undefined): string[] {
  const unique = new Map<string, Setting>()
  const flips = new Set(settings.filter(({ key }) => key === 'flip-method').map(({ value }) => value))
  const isTurned = flips.has('horizontal-flip') && flips.has('vertical-flip')
  for (const setting of settings) {
    const { table, key } = setting
    const isFlip = key === 'flip-method' && isTurned
    unique.set(
      `${table === 'controls' ? 'controls.' : ''}${key}`,
      isFlip ? { ...setting, value: 'rotate-180' } : setting,
    )
  }
  const all = [...unique.values()]
  const own = all.filter(({ table }) => table !== 'controls')
  const controls = all.filter(({ table }) => table === 'controls')
  const device = own.find(({ key }) => key === 'device')
  return [
    `[camera${number}]`,
    device === undefined
      ? `device = "..." # ${source ?? '"rpi-webrtc cameras" prints this line'}`
      : lineOf(device),
    ...own.filter((setting) => setting !== device).map(lineOf),
    ...(controls.length === 0 ? [] : [`[camera${number}.controls]`, ...controls.map(lineOf)]),
  ]
}
