import { crowdCases } from './crowd.js'
import { networkCases } from './network.js'
import { portCases } from './ports.js'
import { processCases } from './process.js'
import type { Case } from './stage.js'
import { surroundingCases } from './environment.js'

export const allCases: Case[] = [
  ...processCases,
  ...portCases,
  ...crowdCases,
  ...networkCases,
  ...surroundingCases,
]
