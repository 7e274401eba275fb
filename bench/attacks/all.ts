import type { Attack } from './attack.js'
import { fragments } from './fragments.js'
import { nested, nestedBodies, nestedShort } from './nested.js'
import { answers, offers } from './offers.js'
import { bodies, headers } from './slow-requests.js'
import { unfinished } from './unfinished.js'

export const ATTACKS: readonly Attack[] = [
  offers,
  answers,
  fragments,
  unfinished,
  nested,
  nestedShort,
  nestedBodies,
  bodies,
  headers,
]
