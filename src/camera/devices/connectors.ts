import { readFile } from 'node:fs/promises'

export type Connector = 'csi0' | 'csi1'

/** The I2C bus of each camera connector: `/base/axi/pcie@1000120000/rp1/i2c@88000`. */
export type ConnectorBuses = Partial<Record<Connector, string>>

/** Labels of raspberrypi/linux. Before the Pi 5, the second bus has no number, and is the only one with a connector. */
const LABELS = [
  ['csi0', 'i2c_csi_dsi0'],
  ['csi1', 'i2c_csi_dsi'],
  ['csi1', 'i2c_csi_dsi1'],
] as const

export const SYMBOLS = '/sys/firmware/devicetree/base/__symbols__'

/** The labels of the device tree differ between boards: `i2c@88000` is csi0 of a Pi 5, and csi1 of a CM5 on a CM4 carrier. */
export async function readConnectorBuses(
  readText: (path: string) => Promise<string | undefined> = async (path) =>
    await readFile(path, 'utf8').catch(() => undefined),
): Promise<ConnectorBuses> {
  const buses: ConnectorBuses = {}
  for (const [connector, label] of LABELS) {
    const path = (await readText(`${SYMBOLS}/${label}`))?.replaceAll('\0', '').trim()
    if (path !== undefined && path !== '') buses[connector] = `/base${path}`
  }
  return buses
}

/** Buses of the Pi 5, and of earlier models, for a device tree without labels. */
const USUAL: readonly (readonly [RegExp, Connector])[] = [
  [/\/rp1\/i2c@88000$/, 'csi0'],
  [/\/rp1\/i2c@80000$/, 'csi1'],
  [/\/i2c0mux\/i2c@0$/, 'csi0'],
  [/\/i2c0mux\/i2c@1$/, 'csi1'],
]

/** The connector of a camera, from its libcamera name; undefined if it is not known. */
export function connectorOf(device: string, buses: ConnectorBuses): Connector | undefined {
  const bus = device.slice(0, device.lastIndexOf('/'))
  const labelled = (['csi0', 'csi1'] as const).find((connector) => buses[connector] === bus)
  if (labelled !== undefined || Object.keys(buses).length > 0) return labelled
  return USUAL.find(([pattern]) => pattern.test(bus))?.[1]
}
