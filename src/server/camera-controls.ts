import { noControls, type CameraControls } from '../camera/controls/camera-controls.js'
import {
  createLibcameraControls,
  type LibcameraControlsOptions,
} from '../camera/controls/libcamera-controls.js'
import { createV4l2Controls } from '../camera/controls/v4l2-controls.js'
import { openV4l2Device } from '../camera/controls/v4l2-device.js'
import type { Camera } from '../camera/capture/status.js'
import { NO_CONTROLS } from '../config/check-controls.js'
import type { Controls } from '../config/types.js'
import type { Env } from '../lib/env.js'
import type { Log } from '../log.js'

/** The controls of a camera, with what its capture process needs of them. */
export interface StartingControls extends CameraControls, Disposable {
  /** Called for each capture process that is about to start. */
  forStart(): Controls
  /** Whether a change is tried: a failure says nothing about the other settings. */
  readonly isOnTrial: boolean
}

/** Chooses by the kind of the device, which does not change while the camera runs. */
export function createCameraControls(
  options: Omit<LibcameraControlsOptions, 'camera'> & { camera: Camera; env: Env; log: Log },
): StartingControls {
  const { config, camera, env, log } = options
  const { device } = config()
  switch (device.kind) {
    case 'libcamera': {
      // Not a copy: its getters follow the controls.
      return Object.assign(createLibcameraControls(options), { [Symbol.dispose]: () => {} })
    }
    case 'v4l2': {
      const controls = createV4l2Controls({ config, device: openV4l2Device(device.path, env), log })
      const following = camera.onStatus(({ state }) => {
        if (state === 'live') void controls.delivering()
      })
      return Object.assign(controls, {
        forStart: () => controls.inForce,
        isOnTrial: false,
        [Symbol.dispose]: () => following[Symbol.dispose](),
      })
    }
    case 'test':
    case 'rtp':
    case 'whip':
      return Object.assign(
        noControls(device.kind, `${sentenceCase(NO_CONTROLS[device.kind])} has no controls.`),
        {
          forStart: () => ({}),
          isOnTrial: false,
          [Symbol.dispose]: () => {},
        },
      )
  }
}

const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
