import type { Case } from '../inside/case.js'
import { camerasCommand } from './cameras-command.js'
import { control } from './control.js'
import { controlsApi } from './controls-api.js'
import { doctorCommand } from './doctor-command.js'
import { encoderFallback } from './encoder-fallback.js'
import { encoderShared } from './encoder-shared.js'
import { hardwareEncoder } from './hardware-encoder.js'
import { heldCamera } from './held-camera.js'
import { initCommand } from './init-command.js'
import { libcamera } from './libcamera.js'
import { secondPad } from './second-pad.js'
import { softwareEncoders } from './software-encoders.js'
import { unplugged } from './unplugged.js'

export const allCases: Case[] = [
  ...softwareEncoders,
  ...hardwareEncoder,
  encoderShared,
  control,
  controlsApi,
  unplugged,
  heldCamera,
  libcamera,
  secondPad,
  ...encoderFallback,
  camerasCommand,
  initCommand,
  doctorCommand,
]
