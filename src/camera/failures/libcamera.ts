import type { KnownFailure } from './known-failure.js'

const CABLE = 'Switch off the Pi and check both ends of the ribbon cable.'

/** Messages of libcamera 0.0.3 to 0.7.2 and of libcamerasrc, and of the kernel about camera modules. */
export const LIBCAMERA_FAILURES: readonly KnownFailure[] = [
  {
    // Before the tuning file, which is also missing then.
    pattern: /Could not create camera helper for (\S+)/,
    cause: 'sensor-unsupported',
    message: ([, sensor]) => `The installed libcamera does not support the sensor ${sensor!}.`,
    hint: () =>
      'Update it: sudo apt update && sudo apt full-upgrade. Some sensors need the libcamera of their manufacturer.',
  },
  {
    pattern: /Tuning data file target returned "([^"]*)", expected "([^"]*)"/,
    cause: 'tuning-file-invalid',
    message: ([, has, expected]) =>
      `The tuning file is for "${has!}", and this Raspberry Pi needs one for "${expected!}".`,
    hint: ([, , expected]) =>
      `Use the file of the same name in /usr/share/libcamera/ipa/rpi/${expected === 'pisp' ? 'pisp' : 'vc4'}, or remove tuning-file.`,
  },
  {
    // 0.0 to 0.4, then 0.0 with the path in quotes, then the line before both: it alone has the path of a default file.
    pattern:
      /(?:Configuration file '([^']+)' not found for IPA|Failed to (?:open|load) tuning (?:data )?file ?'?([^'\s]*))/,
    cause: 'tuning-file-missing',
    message: (m) => {
      const file = [m[1], m[2]].find((name) => name !== undefined && name !== '')
      return `libcamera cannot read the tuning file${file === undefined ? '' : ` ${file}`}.`
    },
    hint: () =>
      'Check tuning-file, or remove it. The files of all supported sensors are in /usr/share/libcamera/ipa, from the package ' +
      'libcamera-ipa: sudo apt install --reinstall libcamera-ipa.',
  },
  {
    // Not "Symbol ipaModuleInfo not found" alone, which libcamera also prints when all is well.
    pattern:
      /Failed to load a suitable IPA library|IPAProxy \S+ (?:Failed to|IPA context)|IPCPipe \S+ Call timeout/,
    cause: 'ipa-missing',
    message: () => 'libcamera has no usable IPA, the module that controls exposure and colours.',
    hint: () =>
      'sudo apt install --reinstall libcamera-ipa. If libcamera was also built from source, remove one of the two: their modules do not mix.',
  },
  {
    pattern: /WARN IPAManager \S+ No IPA found in '([^']+)'[^]*Could not find/,
    cause: 'ipa-missing',
    message: ([, folder]) =>
      `libcamera finds no IPA in ${folder!}, the module that controls exposure and colours.`,
    hint: () => 'sudo apt install --reinstall libcamera-ipa',
  },
  {
    pattern:
      /Unable to request \d+ buffers: Cannot allocate memory|dma-?heap allocation failure|dmaHeap allocation failure|cma_alloc: .*alloc failed|dma_alloc_coherent of size \d+ failed|Failed to start the camera: Cannot allocate memory|libcamerasrc\d+: Failed to allocate memory/i,
    cause: 'cma-exhausted',
    message: () => 'The memory for camera frames (CMA) is used up.',
    hint: () =>
      'Configure a smaller width and height, or fewer cameras. Or reserve more: dtoverlay=vc4-kms-v3d,cma-256 in /boot/firmware/config.txt ' +
      '(cma=256M in cmdline.txt without that overlay), then restart the machine. grep Cma /proc/meminfo shows what is free.',
  },
  {
    pattern: /Invalid sensor configuration/,
    cause: 'sensor-config-refused',
    message: () => 'libcamera rejects the sensor mode that field-of-view selects.',
    hint: () => 'Set field-of-view to a mode that "rpi-webrtc cameras" lists, or to "auto".',
  },
  {
    pattern: /Failed to generate camera configuration from roles/,
    cause: 'second-stream-refused',
    message: () => 'The camera delivers one stream only, and the pipeline asks for two.',
    hint: () => 'Set field-of-view = "auto".',
  },
  {
    pattern: /Failed to enable auto focus/,
    cause: 'no-autofocus',
    message: () => 'This camera has no autofocus, and libcamera 0.1 to 0.3 fails if it is asked for.',
    hint: () => 'Remove autofocus from the controls of this camera, or update libcamera.',
  },
  {
    pattern: /Camera frontend has timed out/,
    cause: 'sensor-timeout',
    message: () => 'The camera stopped sending frames: its sensor timed out.',
    hint: () => `${CABLE} A cable that is too long also causes this.`,
  },
  {
    // The sensor does not answer on I2C: libcamera prints the error of VIDIOC_STREAMON, the kernel names the register.
    pattern:
      /V4L2 \S+ \S+ (?:Failed to start streaming|Unable to (?:set|get) (?:control|format)\b[^\n]*): (?:Input\/output error|Remote I\/O error|Connection timed out|No such device)|(?:Failed to write reg|Error reading reg) 0x|stream on failed in subdev/,
    cause: 'sensor-unreachable',
    message: () => 'The camera was found, but its sensor does not answer.',
    hint: () => `${CABLE} If this continues, try another cable, then another camera module.`,
  },
  {
    pattern:
      /Pipeline handler in use by another process|Camera '[^']*' is already in use|failed to acquire camera/i,
    cause: 'camera-busy',
    message: () => 'Another program uses this camera.',
    hint: () =>
      'Stop it, such as rpicam-hello, motion, mediamtx or a second rpi-webrtc. fuser -v /dev/video* lists it.',
  },
  {
    pattern: /Could not find any supported camera on this system/,
    cause: 'no-camera',
    message: () => 'libcamera finds no camera.',
    hint: () => `${CABLE} Then test with rpicam-hello --list-cameras.`,
  },
  {
    pattern: /Could not find a camera named '(.*?)'\./,
    cause: 'unknown-camera',
    message: ([, name]) => `libcamera finds no camera named ${name!}.`,
    hint: () => '"rpi-webrtc cameras" lists the names to use as device.',
  },
]

/** After the rows that name a reason. */
export const LIBCAMERA_START_FAILURES: readonly KnownFailure[] = [
  {
    pattern: /Failed listing cameras|libcamera::CameraMan\w+::start\(\) failed/,
    cause: 'no-camera',
    message: () => 'libcamera cannot list the cameras.',
    hint: () =>
      'rpicam-hello --list-cameras shows why. In a container, mount /run/udev and pass the devices.',
  },
  {
    pattern: /Failed to start the camera|Failed to configure camera|Failed to allocate (?:memory|request)/,
    cause: 'camera-start',
    message: ([text]) => `libcamera could not start the camera: ${text.toLowerCase()}.`,
    hint: () => 'Try a smaller width and height. If that does not help, restart the machine.',
  },
]
