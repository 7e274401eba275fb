import { ok, warning, type Check } from './check.js'
import type { System } from './system.js'

const NOW = { underVoltage: 1 << 0, throttled: 1 << 2, hot: 1 << 3 } as const
/** What has happened since the start stands 16 bits higher. */
const SINCE_START = 16

const HOT_MILLIDEGREES = 80_000

/** Power supply and heat of a Raspberry Pi, which slows itself down for either. */
export async function checkPower(system: System): Promise<Check[]> {
  const tool = await system.run('vcgencmd', ['get_throttled'])
  const text =
    tool.code === 0
      ? tool.stdout
      : await system.readText('/sys/devices/platform/soc/soc:firmware/get_throttled')
  const bits = parseThrottled(text ?? '')
  const temperature = Number(await system.readText('/sys/class/thermal/thermal_zone0/temp'))
  return [
    ...(bits === undefined ? [] : [assessVoltage(bits)]),
    ...assessHeat(bits ?? 0, Number.isFinite(temperature) && temperature > 0 ? temperature : undefined),
  ]
}

/** `throttled=0x50005` of vcgencmd; the kernel's file has the bare digits. */
export function parseThrottled(text: string): number | undefined {
  const digits = /^(?:throttled=)?(?:0x)?([0-9a-f]{1,8})\s*$/i.exec(text)?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 16)
}

/** @param bits of get_throttled: 0 to 3 are now, 16 to 19 since the start. */
export function assessVoltage(bits: number): Check {
  const hint =
    'Use the power supply made for this Pi and a short cable, and a powered hub for what hangs on USB'
  if ((bits & NOW.underVoltage) !== 0)
    return warning('under-voltage', 'power', 'the voltage is too low at this moment', hint)
  if ((bits & (NOW.underVoltage << SINCE_START)) !== 0)
    return warning('under-voltage', 'power', 'the voltage was too low since the machine started', hint)
  return ok('under-voltage', 'power', 'the voltage held since the machine started')
}

export function assessHeat(bits: number, milliDegrees: number | undefined): Check[] {
  const degrees = milliDegrees === undefined ? '' : `${Math.round(milliDegrees / 1000)} °C`
  const hint = 'Give it air, a heat sink or a fan, or lower width, height or fps'
  // Where the voltage was too low as well, that is what slowed it down.
  const slowed = (from: number): boolean =>
    (from & NOW.hot) !== 0 || (from & (NOW.throttled | NOW.underVoltage)) === NOW.throttled
  const at = degrees === '' ? '' : ` (${degrees})`
  if (slowed(bits)) return [warning('temperature', 'heat', `the processor is slowed down${at}`, hint)]
  if (milliDegrees !== undefined && milliDegrees >= HOT_MILLIDEGREES)
    return [warning('temperature', 'heat', `${degrees}: the processor is about to be slowed down`, hint)]
  if (slowed(bits >> SINCE_START))
    return [
      warning('temperature', 'heat', `the processor was slowed down since the machine started${at}`, hint),
    ]
  return degrees === '' ? [] : [ok('temperature', 'heat', degrees)]
}
