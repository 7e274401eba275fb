import { ok, warning, type Check } from './check.js'
import type { System } from './system.js'

const NOW = { underVoltage: 1 << 0, throttled: 1 << 2, hot: 1 << 3 } as const
/** Events since boot are 16 bits higher. */
const SINCE_START = 16

const HOT_MILLIDEGREES = 80_000

/** A Raspberry Pi throttles its processor for low voltage and for heat. */
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

/** vcgencmd prints `throttled=0x50005`; the kernel's file has only the digits. */
export function parseThrottled(text: string): number | undefined {
  const digits = /^(?:throttled=)?(?:0x)?([0-9a-f]{1,8})\s*$/i.exec(text)?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 16)
}

export function assessVoltage(bits: number): Check {
  const hint = 'Use the power supply for this Pi and a short cable, and a powered hub for USB devices'
  if ((bits & NOW.underVoltage) !== 0)
    return warning('under-voltage', 'power', 'the voltage is too low', hint)
  if ((bits & (NOW.underVoltage << SINCE_START)) !== 0)
    return warning(
      'under-voltage',
      'power',
      'the voltage was too low at times since the machine started',
      hint,
    )
  return ok('under-voltage', 'power', 'the voltage was high enough since the machine started')
}

export function assessHeat(bits: number, milliDegrees: number | undefined): Check[] {
  const degrees = milliDegrees === undefined ? '' : `${Math.round(milliDegrees / 1000)} °C`
  const hint = 'Improve the cooling (air flow, heat sink, fan), or lower width, height or fps'
  // With low voltage as well, the voltage is the cause.
  const isThrottled = (from: number): boolean =>
    (from & NOW.hot) !== 0 || (from & (NOW.throttled | NOW.underVoltage)) === NOW.throttled
  const at = degrees === '' ? '' : ` (${degrees})`
  if (isThrottled(bits)) return [warning('temperature', 'heat', `the processor is throttled${at}`, hint)]
  if (milliDegrees !== undefined && milliDegrees >= HOT_MILLIDEGREES)
    return [warning('temperature', 'heat', `${degrees}: the processor will soon be throttled`, hint)]
  if (isThrottled(bits >> SINCE_START))
    return [
      warning(
        'temperature',
        'heat',
        `the processor was throttled at times since the machine started${at}`,
        hint,
      ),
    ]
  return degrees === '' ? [] : [ok('temperature', 'heat', degrees)]
}
