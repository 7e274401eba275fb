/**
 * A module without infrared filter, by its name (`imx219_noir`): the file with its colours.
 * @param processor the folder of libcamera's tuning files: `pisp` on a Raspberry Pi 5.
 */
export function noirTuningFile(name: string, processor: 'vc4' | 'pisp' = 'vc4'): string | undefined {
  const sensor = /\b([a-z]+\d[a-z\d]*)(?:_wide)?[_ -]noir\b/i.exec(name)?.[0]
  if (sensor === undefined) return undefined
  return `/usr/share/libcamera/ipa/rpi/${processor}/${sensor.toLowerCase().replaceAll(/[ -]/g, '_')}.json`
}
