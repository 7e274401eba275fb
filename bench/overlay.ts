import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { parseConfig } from '../src/config/parse.js'
import { overlayElements } from '../src/camera/gstreamer/overlay.js'
import { describe, summary } from './summary.js'

const FRAMES = Number(process.env['FRAMES'] ?? 600)
const ROUNDS = Number(process.env['ROUNDS'] ?? 5)
const run = promisify(execFile)

/** CPU time that the overlay adds to a frame, in microseconds: the same line with and without it, alternating. */
console.log(describe())
const machine = { elements: new Set(['clockoverlay']) }
for (const [width, height] of [
  [640, 480],
  [1280, 720],
  [1920, 1080],
] as const) {
  const toml = `[camera1]\ndevice = "test:smpte"\nwidth = ${width}\nheight = ${height}\noverlay = "%Y-%m-%d %H:%M:%S"`
  const [camera] = parseConfig(toml, 'bench').cameras
  const overlay = overlayElements(camera!, machine).flatMap((element) => ['!', ...element])
  const added: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const without = await cpuUsOf(width, height, [])
    added.push(((await cpuUsOf(width, height, overlay)) - without) / FRAMES)
  }
  console.log(`${width}x${height}, added CPU time per frame, us: ${summary(added)}`)
}

/** The snapshot's tee is part of it: it makes the overlay copy each frame before it draws. */
async function cpuUsOf(width: number, height: number, overlay: readonly string[]): Promise<number> {
  const pipeline = [
    ...[
      'videotestsrc',
      `num-buffers=${FRAMES}`,
      '!',
      `video/x-raw,format=I420,width=${width},height=${height}`,
    ],
    ...['!', 'tee', 'name=raw', '!', 'queue', ...overlay, '!', 'fakesink'],
    ...['raw.', '!', 'queue', 'max-size-buffers=1', 'leaky=downstream', '!', 'fakesink'],
  ]
  // `times` prints user and system time of the shell, then of its children: 0m0.36s 0m0.02s
  const { stdout } = await run('sh', ['-c', 'gst-launch-1.0 -q "$@"; times', 'sh', ...pipeline])
  const [, , user, system] = Array.from(
    stdout.matchAll(/(\d+)m([\d.]+)s/g),
    ([, m, s]) => 60 * Number(m) + Number(s),
  )
  return (user! + system!) * 1e6
}
