/** Camera modules by the name on their box, and their sensors. */
const PRODUCTS: readonly (readonly [RegExp, string])[] = [
  [/^(?:camera module|camera|picam|module) ?v? ?1(?:\.3)?$/, 'ov5647'],
  [/^(?:camera module|camera|picam|module) ?v? ?2(?:\.1)?(?: noir)?$/, 'imx219'],
  [/^(?:camera module|camera|picam|module) ?v? ?3(?: wide)?(?: noir)?$/, 'imx708'],
  [/^(?:hq|high quality) ?(?:cam|camera)?$/, 'imx477'],
  [/^(?:gs|global shutter) ?(?:cam|camera)?$/, 'imx296'],
  [/^ai ?(?:cam|camera)$/, 'imx500'],
]

/** `Raspberry Pi Camera Module 3` is `imx708`. `camera1` and `cam1` are other names. */
export function sensorOfProduct(text: string): string | undefined {
  if (/^(?:cam|camera)[-_ ]?\d$/i.test(text)) return undefined
  const plain = text
    .toLowerCase()
    .replaceAll(/[-_]/g, ' ')
    .replace(/^(?:raspberry ?pi|rpi|pi|official) /, '')
  return PRODUCTS.find(([pattern]) => pattern.test(plain))?.[1]
}
