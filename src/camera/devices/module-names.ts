import { access } from 'node:fs/promises'
import type { CameraFailure } from '../camera-failure.js'
import { readConnectorBuses, type ConnectorBuses } from './connectors.js'
import type { CameraList } from './discover.js'
import { findModule, type NamedModule } from './find-module.js'

export interface ModuleNamesOptions {
  list: () => Promise<CameraList>
  buses?: () => Promise<ConnectorBuses>
  /** Whether the device tree has the node of a libcamera name; undefined without a device tree. */
  inDeviceTree?: (name: string) => Promise<boolean | undefined>
}

interface Listed extends CameraList {
  buses: ConnectorBuses
}

/**
 * Finds camera modules by short names, and under the name that the kernel gave them since the configuration was written. Listing
 * them takes a second on a Pi, so it is done only for a name that cannot be libcamera's, and the list is shared and kept.
 */
export class ModuleNames {
  readonly #options: Required<ModuleNamesOptions>
  /** Names that libcamera did not know. */
  readonly #unknown = new Set<string>()
  #list: Promise<Listed> | undefined

  constructor({ list, buses = readConnectorBuses, inDeviceTree = deviceTreeHas }: ModuleNamesOptions) {
    this.#options = { list, buses, inDeviceTree }
  }

  /** The camera to start. An exact name is not delayed by a list. */
  async find(name: string): Promise<NamedModule | CameraFailure> {
    const exact: NamedModule = { device: name, how: 'exact' }
    if (isShort(name)) return await this.#search(name)
    if (!this.#unknown.has(name) && (await this.#options.inDeviceTree(name)) !== false) return exact
    const found = await this.#search(name)
    // Without a list libcamera decides whether the name exists.
    return 'cause' in found && found.cause === NOT_LISTED ? exact : found
  }

  /** libcamera did not know this name: the next search reads the list again. */
  reportUnknown(name: string): void {
    this.#unknown.add(name)
    this.#list = undefined
  }

  async #search(name: string): Promise<NamedModule | CameraFailure> {
    const kept = this.#list
    const found = find(name, await (kept ?? this.#read()))
    if (!('cause' in found) || kept === undefined) return found
    // The kept list may be from before the camera was connected.
    return find(name, await this.#read(kept))
  }

  /** @param stale the list to replace; another camera may have replaced it already. */
  async #read(stale?: Promise<Listed>): Promise<Listed> {
    if (this.#list === undefined || this.#list === stale) this.#list = this.#readNow()
    return await this.#list
  }

  async #readNow(): Promise<Listed> {
    const [list, buses] = await Promise.all([this.#options.list(), this.#options.buses()])
    return { ...list, buses }
  }
}

const NOT_LISTED = 'cameras-not-listed'

function find(name: string, { cameras, notes, buses }: Listed): NamedModule | CameraFailure {
  if (cameras.length > 0 || notes.length === 0) return findModule(name, cameras, buses)
  return {
    cause: NOT_LISTED,
    message: `The camera "${name}" cannot be looked up, because the cameras cannot be listed.`,
    hint: notes.join(' '),
  }
}

/** A connector, the usual name of a sensor, or the end of a name. libcamera has no such names, so the list is needed. */
const isShort = (name: string): boolean =>
  /^(?:csi[01]|(?:imx|ov|og|os|ar|gc|hm|mt|s5k|vd|irs|tc358|adv7|arducam)[\w-]*(?:@[0-9a-f]+)?|i2c@[0-9a-f]+\/[^/]+)$/i.test(
    name,
  )

const DEVICE_TREE = '/sys/firmware/devicetree'

/** libcamera's name of a module is the path of its node (sysfs::firmwareNodePath). */
async function deviceTreeHas(name: string): Promise<boolean | undefined> {
  if (!name.startsWith('/base/') || !(await exists(`${DEVICE_TREE}/base`))) return undefined
  return await exists(`${DEVICE_TREE}${name}`)
}

const exists = async (path: string): Promise<boolean> =>
  await access(path).then(
    () => true,
    () => false,
  )
