import type { Controls } from '../config/types.js'
import type { WorkQueue } from '../lib/work-queue.js'
import { AppError } from '../errors.js'
import type { ControlledCamera } from '../http/routes/controls.js'
import type { CameraPart } from './camera-part.js'
import { saveControls } from './save-controls.js'

/**
 * A camera as the routes of its controls use it.
 * @param onSaved is called when the file has these controls.
 * @param saves of all cameras, and reloads: two saves at once would each replace the file that the other has read.
 */
export const controlledCameraOf = (
  part: CameraPart,
  configFile: (() => string | undefined) | undefined,
  onSaved: (part: CameraPart, saved: Controls) => void,
  saves: WorkQueue,
): ControlledCamera => ({
  key: part.config.key,
  get isUnsaved() {
    return part.controls.isUnsaved
  },
  describe: async () => await part.controls.describe(),
  change: async (patch) => await part.controls.change(patch),
  async save() {
    // In test mode the file has controls of the camera that the test picture stands for.
    if (!['libcamera', 'v4l2'].includes(part.config.device.kind))
      throw new AppError('no-controls', 409, `${part.config.key} has no controls to save`)
    return await saves.run(async () => {
      await part.controls.settled()
      const { inForce } = part.controls
      const saved = await saveControls(configFile?.(), part.config.key, inForce)
      onSaved(part, inForce)
      return saved
    })
  },
})
