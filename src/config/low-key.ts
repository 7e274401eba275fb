import { key } from './key.js'
import { anyValue } from './kinds.js'
import { parseLow } from './low-size.js'

export const LOW_KEY = key(anyValue('`"auto"`, `"WIDTHxHEIGHT@FPS"` or `false`', parseLow), {
  default: false,
  applies: 'restart',
  about:
    'A second, smaller encode for viewers on slow paths and for small tiles, such as `"320x240@15"`. It costs about a quarter of the CPU of the first one. `"auto"` chooses the size, where the machine has room. See [two sizes](two-sizes.md).',
})
