import { expect, test } from 'vitest'
import { exampleSystem, fails } from '../../test/fakes/system.js'
import { checkPower, assessHeat, assessVoltage, parseThrottled } from './power.js'

test.each([
  ['throttled=0x50005\n', 0x50005],
  ['throttled=0x0\n', 0],
  ['50000\n', 0x50000],
  ['error=1 error_msg="Command not registered"', undefined],
  ['', undefined],
])('%j is parsed', (text, bits) => expect(parseThrottled(text)).toBe(bits))

test.each([
  [0x50005, 'warning', 'the voltage is too low'],
  [0x50000, 'warning', 'the voltage was too low at times since the machine started'],
  [0xe0000, 'ok', 'the voltage was high enough since the machine started'],
  [0, 'ok', 'the voltage was high enough since the machine started'],
])('%x: %s, %s', (bits, status, detail) => expect(assessVoltage(bits)).toMatchObject({ status, detail }))

test.each([
  [0x80008, 82_300, 'the processor is throttled (82 °C)'],
  [0x4, undefined, 'the processor is throttled'],
  [0x80000, 50_000, 'the processor was throttled at times since the machine started (50 °C)'],
  [0, 80_500, '81 °C: the processor will soon be throttled'],
])('%x at %s: %s', (bits, milliDegrees, detail) =>
  expect(assessHeat(bits, milliDegrees)).toMatchObject([{ status: 'warning', detail }]),
)

test('a processor throttled for low voltage is not reported as hot', () =>
  expect(assessHeat(0x50005, 45_000)).toMatchObject([{ status: 'ok', detail: '45 °C' }]))

test('without vcgencmd the file of the kernel is read', async () => {
  const files = {
    '/sys/devices/platform/soc/soc:firmware/get_throttled': '50005\n',
    '/sys/class/thermal/thermal_zone0/temp': '48312\n',
  }
  const expected = [
    { id: 'under-voltage', status: 'warning' },
    { id: 'temperature', status: 'ok', detail: '48 °C' },
  ]
  expect(await checkPower(exampleSystem({ files }))).toMatchObject(expected)
  // A user outside the group video may run vcgencmd and is told nothing.
  const commands = { 'vcgencmd get_throttled': fails("Can't open device file: /dev/vcio\n", 255) }
  expect(await checkPower(exampleSystem({ files, commands }))).toMatchObject(expected)
})

test('vcgencmd takes precedence', async () => {
  const commands = { 'vcgencmd get_throttled': 'throttled=0x50000\n' }
  expect(await checkPower(exampleSystem({ commands }))).toMatchObject([
    { id: 'under-voltage', status: 'warning', hint: expect.stringContaining('power supply') as string },
  ])
})
