import type { FailureContext, KnownFailure } from './known-failure.js'

const lessData = ({ pipeline }: FailureContext): string =>
  pipeline.decodesJpeg
    ? 'configure a smaller width, height or fps'
    : 'set format = "mjpeg", or configure a smaller width, height or fps'

/** Messages of v4l2src, of jpegdec behind it, and of the kernel about USB cameras. */
export const V4L2_FAILURES: readonly KnownFailure[] = [
  {
    pattern: /Device '([^']+)' is busy|Device or resource busy/,
    cause: 'camera-busy',
    message: ([, path]) => `Another program uses ${path ?? 'this camera'}.`,
    hint: ([, path]) => `Find it with fuser -v ${path ?? '/dev/video*'}, and stop it.`,
  },
  {
    pattern:
      /(?:Failed to query \([^\n]*|UVC[^\n]*|uvcvideo[^\n]*|Call to \S+ failed[^\n]*|system error|error with \S+[^\n]*): ?(?:-110\b|-71\b|-32\b|Connection timed out|Protocol error|Broken pipe|Input\/output error)|Non-zero status \(-\d+\) in video completion handler|device descriptor read\/\d+, error -\d+|device not accepting address|select\(?\)? timeout/i,
    cause: 'usb-timeout',
    message: () => 'The USB camera does not answer, or its answers are lost on the way.',
    hint: () =>
      'Plug it directly into the Raspberry Pi, with a short cable. If it needs a hub, use one with its own power supply. ' +
      'A weak power supply of the Raspberry Pi causes this too: vcgencmd get_throttled shows 0x0 if it is good.',
  },
  {
    // VIDIOC_STREAMON fails with ENOSPC when the host controller cannot reserve what the camera asks for.
    pattern:
      /v4l2src\d*: Failed to allocate (?:required memory|a buffer)|Not enough bandwidth for (?:altsetting|new device state)|usb_set_interface failed \(-28\)|v4l2src[^]*No space left on device/,
    cause: 'usb-bandwidth',
    message: () => 'The USB bus cannot carry this camera beside the others.',
    hint: (_, context) =>
      `Plug it into another USB port, not into the same hub, and ${lessData(context)}. ` +
      'A camera reserves what its format may need, also if its video is small.',
  },
  {
    pattern:
      /Corrupt JPEG data|Decode error #\d+: [^\n]*|Failed to decode JPEG image|Premature end of JPEG file|jpegdec\d*: No valid frames decoded/,
    cause: 'damaged-jpeg',
    message: () => 'The camera sends damaged JPEG pictures.',
    hint: () =>
      'If it happens now and then, use another cable or USB port. If every picture is damaged, set format = "raw" or another size.',
  },
  {
    pattern: /Cannot identify device '([^']+)'/,
    cause: 'no-device',
    message: ([, path]) => `There is no ${path!}.`,
    hint: () => 'Plug the camera in. "rpi-webrtc cameras" lists the devices that exist.',
  },
  {
    pattern:
      /Device '([^']+)' is not a capture device|device '([^']+)': It isn't a v4l2 driver|This isn't a device '([^']+)'/,
    cause: 'not-a-camera',
    message: (m) => `${m[1] ?? m[2] ?? m[3]!} is not a camera.`,
    hint: () => '"rpi-webrtc cameras" lists the devices that are cameras.',
  },
  {
    pattern: /Signal lost|The input source was disconnected|Cannot query (?:input|DV timings)[^\n]*/,
    cause: 'no-signal',
    message: () => 'The video receiver gets no signal.',
    hint: () => 'Switch on the device whose picture it receives, and check that cable.',
  },
  {
    pattern: /Could not read from resource|No such device/,
    cause: 'unplugged',
    message: () => 'The camera was unplugged, or its driver failed.',
    hint: () => 'Plug it in again. If this repeats, use another cable or a powered USB hub.',
  },
]
