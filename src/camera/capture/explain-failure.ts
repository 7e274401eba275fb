import { exhaustionInText } from '../../lib/exhausted.js'
import type { CameraFailure } from '../camera-failure.js'
import { aptInstall } from '../gstreamer/packages.js'

/** How an attempt to capture ended. */
export interface CaptureExit {
  /** `frozen`: packets stopped. `bad-packets`: something else came instead. `no-first-packet`: none ever came. `not-started`: the program could not be run. */
  how: 'exited' | 'frozen' | 'bad-packets' | 'no-first-packet' | 'not-started'
  code?: number | null
  signal?: string | null
  /** The last lines of stderr, oldest first. */
  stderr: readonly string[]
}

interface Row {
  pattern: RegExp
  cause: string
  message: (match: RegExpExecArray) => string
  hint: (match: RegExpExecArray, said: Said) => string
}

interface Said {
  text: string
  knownCameras: readonly string[]
}

/**
 * What GStreamer 1.22 to 1.26, libcamera and the kernel say (in the C locale), and what it means; the first row that
 * matches wins, so the more particular stands above the more general.
 */
const TABLE: readonly Row[] = [
  {
    pattern: /setpriv: failed to execute gst-launch-1\.0|spawn \S*gst-launch-1\.0 ENOENT/,
    cause: 'missing-program',
    message: () => 'gst-launch-1.0 is not installed.',
    hint: () => 'sudo apt install gstreamer1.0-tools',
  },
  {
    pattern: /no element "([^"]+)"/,
    cause: 'missing-plugin',
    message: ([, element]) => `GStreamer has no element "${element!}".`,
    hint: ([, element]) => aptInstall([element!]),
  },
  {
    pattern:
      /no property "([^"]+)" in element "([^"]+)"|could not set property "([^"]+)" in element "([^"]+)"/,
    cause: 'bad-property',
    message: (m) =>
      `The element ${m[2] ?? m[4]!} of this GStreamer does not take "${m[1] ?? m[3]!}" as it was set.`,
    hint: (m) =>
      m[4] === 'videotestsrc'
        ? 'gst-inspect-1.0 videotestsrc lists the patterns that device = "test:PATTERN" can show.'
        : `Compare with gst-inspect-1.0 ${m[2] ?? m[4]!}, and please report it with the GStreamer version.`,
  },
  {
    pattern: /pipeline could not be constructed|erroneous pipeline: syntax error/,
    cause: 'bad-pipeline',
    message: () => 'gst-launch-1.0 could not read the pipeline.',
    hint: () => 'Please report it, with what rpi-webrtc pipeline CAMERA prints.',
  },
  {
    pattern: /Could not open device '([^']+)'[^]*?Permission denied|(\/dev\/[\w/,-]+).*Permission denied/,
    cause: 'permission-denied',
    message: (m) => `This user may not open ${m[1] ?? m[2]!}.`,
    hint: () => 'Add the user to the group video (sudo usermod -aG video "$USER"), then log in again.',
  },
  {
    pattern:
      /Pipeline handler in use by another process|Camera '[^']*' is already in use|failed to acquire camera/i,
    cause: 'camera-busy',
    message: () => 'Another program uses this camera.',
    hint: () =>
      'Stop it: rpicam-hello, motion, mediamtx or a second rpi-webrtc; fuser -v /dev/video* names it.',
  },
  {
    pattern: /Device '([^']+)' is busy|Device or resource busy/,
    cause: 'camera-busy',
    message: ([, path]) => `Another program uses ${path ?? 'this camera'}.`,
    hint: ([, path]) => `fuser -v ${path ?? '/dev/video*'} names it; stop it.`,
  },
  {
    pattern: /Could not find any supported camera on this system/,
    cause: 'no-camera',
    message: () => 'libcamera finds no camera.',
    hint: () =>
      'Switch off, check both ends of the ribbon cable, and see whether rpicam-hello --list-cameras finds it.',
  },
  {
    pattern: /Could not find a camera named '(.*?)'\./,
    cause: 'unknown-camera',
    message: ([, name]) => `libcamera finds no camera named ${name!}.`,
    hint: (_, { knownCameras }) =>
      knownCameras.length > 0
        ? `It finds: ${knownCameras.join(', ')}. Set device to one of them.`
        : '"rpi-webrtc cameras" lists the names that can be set as device.',
  },
  {
    pattern: /Camera frontend has timed out/,
    cause: 'sensor-timeout',
    message: () => 'The camera stopped delivering pictures: its sensor timed out.',
    hint: () => 'Switch off and check both ends of the ribbon cable; a cable that is too long does this too.',
  },
  {
    pattern: /Cannot identify device '([^']+)'/,
    cause: 'no-device',
    message: ([, path]) => `There is no ${path!}.`,
    hint: () => 'Plug the camera in; "rpi-webrtc cameras" lists the devices there are.',
  },
  {
    pattern:
      /Device '([^']+)' is not a capture device|device '([^']+)': It isn't a v4l2 driver|This isn't a device '([^']+)'/,
    cause: 'not-a-camera',
    message: (m) => `${m[1] ?? m[2] ?? m[3]!} is not a camera.`,
    hint: () => '"rpi-webrtc cameras" lists the devices that are.',
  },
  {
    pattern: /Could not read from resource|No such device/,
    cause: 'unplugged',
    message: () => 'The camera was unplugged, or its driver gave up.',
    hint: () => 'Plug it in again; if it happens by itself, use another cable or a powered USB hub.',
  },
  {
    pattern: /Error binding to address ([\d.]+:\d+)/,
    cause: 'port-taken',
    message: ([, address]) => `Another program uses the UDP port ${address!}.`,
    hint: () => "Stop it, or change this camera's webrtc-port, from which its inner ports are derived.",
  },
  {
    pattern: /Failed to start the camera|Failed to configure camera|Failed to allocate memory/,
    cause: 'camera-start',
    message: ([said]) => `libcamera could not start the camera: ${said.toLowerCase()}.`,
    hint: () => 'Try a smaller width and height; if that does not help, restart the machine.',
  },
  {
    pattern: /not-negotiated|could not link|Device '[^']+' (?:cannot|does not support)/,
    cause: 'not-negotiated',
    message: () => 'The camera does not deliver the width, height, fps or format that is configured.',
    hint: (_, { text }) => {
      const offered = /configuring streams: \(\d+\) (\d+x\d+)/.exec(text)?.[1]
      const nearest = offered === undefined ? '' : ` libcamera offers ${offered} instead.`
      return `Try width = 640, height = 480, fps = 30, and for a USB camera format = "raw" or "mjpeg".${nearest}`
    },
  },
]

/**
 * Says in plain words how an attempt ended: by what ran out, else by what stderr says if it is known, else by how it ended.
 */
export function explainFailure(ending: CaptureExit, knownCameras: readonly string[] = []): CameraFailure {
  const lines = ending.stderr.filter(isTelling)
  const said = { text: lines.join('\n'), knownCameras }
  const exhaustion = exhaustionInText(said.text)
  if (exhaustion !== undefined) return exhaustion
  for (const { pattern: says, cause, message, hint } of TABLE) {
    const match = says.exec(said.text)
    if (match !== null) return { cause, message: message(match), hint: hint(match, said) }
  }
  return explainByEnding(ending, lines)
}

function explainByEnding({ how, code, signal }: CaptureExit, lines: readonly string[]): CameraFailure {
  const lastWords = lines.slice(-3).join(' | ')
  const orDebug = lastWords === '' ? 'Run with --debug to see what GStreamer says.' : `It said: ${lastWords}`
  if (how === 'frozen') {
    const message = 'The camera stopped delivering pictures without a word.'
    return {
      cause: 'frozen',
      message,
      hint: `It is started again; if this goes on, check cable and power. ${orDebug}`,
    }
  }
  if (how === 'bad-packets') {
    const message = 'What the capture process sends is not the stream it should send.'
    return { cause: how, message, hint: `It is started again; if this goes on, please report it. ${orDebug}` }
  }
  if (how === 'no-first-packet') {
    const message = 'The camera started but delivers no picture.'
    return {
      cause: 'no-first-packet',
      message,
      hint: `Check the cable, and try a smaller width and height. ${orDebug}`,
    }
  }
  if (typeof signal === 'string')
    return { cause: 'crashed', message: `The capture process was ended by ${signal}.`, hint: orDebug }
  const message =
    how === 'not-started'
      ? 'The capture process could not be started.'
      : `The capture process ended (${code ?? '?'}).`
  return { cause: 'unknown', message, hint: orDebug }
}

/** Critical warnings of GLib's type system and a debug log's own lines come and go without meaning a failure. */
const isTelling = (line: string): boolean =>
  line.trim() !== '' && !/-CRITICAL \*\*|-WARNING \*\*|^\d+:\d\d:\d\d\.\d+ /.test(line)
