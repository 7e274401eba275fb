import type { CameraFailure } from '../camera-failure.js'
import { connectorOf, type Connector, type ConnectorBuses } from './connectors.js'
import type { FoundCamera } from './found-camera.js'

/** The camera module that a configured name means. */
export interface NamedModule {
  /** libcamera's name. */
  device: string
  /**
   * `exact`: the name itself. `short`: a sensor or a connector. `order`: the connector is not known, so the order of the list
   * decides. `renamed`: the kernel changed the beginning of the name.
   */
  how: 'exact' | 'short' | 'order' | 'renamed'
}

/** Finds a camera module by its name, the end of its name, its sensor or its connector. */
export function findModule(
  name: string,
  cameras: readonly FoundCamera[],
  buses: ConnectorBuses,
): NamedModule | CameraFailure {
  const modules = cameras.filter(({ kind }) => kind === 'libcamera')
  if (modules.some(({ device }) => device === name)) return { device: name, how: 'exact' }
  if (modules.length === 0) return noModule()
  if (name === 'csi0' || name === 'csi1') return atConnector(name, modules, buses)
  const isPath = name.includes('/')
  const matching = modules.filter(isPath ? hasTail(name) : hasSensor(name))
  const [first] = matching
  if (first === undefined) return noneNamed(name, modules)
  if (matching.length > 1) return severalNamed(name, matching)
  return { device: first.device, how: isPath ? 'renamed' : 'short' }
}

/** A line to log, and to print by doctor. */
export function aboutName(name: string, { device, how }: NamedModule): string {
  const line = `device = ${JSON.stringify(device)}`
  switch (how) {
    case 'renamed':
      return `the camera ${name} is now called ${device}: write ${line}`
    case 'order':
      return `"${name}" is taken for ${device} by the order of the list, because no camera is known to be on that connector: ${line} is certain`
    case 'short':
    case 'exact':
      return `"${name}" is ${device}`
  }
}

/** `i2c@80000/imx708@1a`: kernels rename the buses above. */
const tailOf = (path: string): string => path.split('/').slice(-2).join('/')
const hasTail =
  (name: string) =>
  ({ device }: FoundCamera): boolean =>
    tailOf(device) === tailOf(name)

/** `imx708` of `.../imx708@1a`, or `imx708_wide`, which is libcamera's name of the model. */
const hasSensor =
  (name: string) =>
  ({ device, name: model }: FoundCamera): boolean => {
    const node = device.slice(device.lastIndexOf('/') + 1)
    const names = [node, node.replace(/@.*$/, ''), ...model.split(/\s+/)]
    return names.some((one) => one.toLowerCase() === name.toLowerCase())
  }

function atConnector(
  name: Connector,
  modules: readonly FoundCamera[],
  buses: ConnectorBuses,
): NamedModule | CameraFailure {
  const connectors = modules.map(({ device }) => connectorOf(device, buses))
  const there = modules.filter((_, i) => connectors[i] === name)
  if (there.length > 1) return severalNamed(name, there)
  if (there.length === 1) return { device: there[0]!.device, how: 'short' }
  const inOrder = modules[Number(name.slice('csi'.length))]
  if (
    inOrder !== undefined &&
    (connectorOf(inOrder.device, buses) === undefined || isOnlyOfItsBoard(modules))
  )
    return { device: inOrder.device, how: 'order' }
  const others = modules.map(({ device, name: model }, i) => `${model} is on ${connectors[i] ?? device}`)
  return {
    cause: 'unknown-camera',
    message: `No camera is connected to ${name}.`,
    hint: `The ${others.join(', the ')}. Set device to that, or check the ribbon cable of ${name}.`,
  }
}

/** Models up to the Pi 4 have one connector, which is the second one of their processor. */
const isOnlyOfItsBoard = (modules: readonly FoundCamera[]): boolean =>
  modules.length === 1 && modules[0]!.device.includes('/i2c0mux/')

const listed = (modules: readonly FoundCamera[]): string =>
  modules.map(({ device }) => JSON.stringify(device)).join(' or ')

const noModule = (): CameraFailure => ({
  cause: 'no-camera',
  message: 'libcamera finds no camera.',
  hint: 'Switch off the Pi and check both ends of the ribbon cable. Then test with rpicam-hello --list-cameras.',
})

const noneNamed = (name: string, modules: readonly FoundCamera[]): CameraFailure => ({
  cause: 'unknown-camera',
  message: `libcamera finds no camera named ${name}.`,
  hint: `Set device to ${listed(modules)}, which it finds.`,
})

const severalNamed = (name: string, modules: readonly FoundCamera[]): CameraFailure => ({
  cause: 'ambiguous-camera',
  message: `"${name}" is the name of ${modules.length} cameras.`,
  hint: `Set device to ${listed(modules)}.`,
})
