import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { chooseSrtp } from '../src/srtp/choice.js'
import { describe } from './summary.js'

type Choice = Awaited<ReturnType<typeof chooseSrtp>>

const ROUNDS = Number(process.env['ROUNDS'] ?? 5)
/** OPENSSL_ia32cap(3): bits of CPUID that OpenSSL must not see. V8 does not read it. */
const AES = 1n << 57n
const PCLMULQDQ = 1n << 33n
const MASKS: Record<string, bigint> = {
  'as it is': 0n,
  'without carry-less multiplication': PCLMULQDQ,
  'without AES': AES,
  'without both, as a Pi 4': AES | PCLMULQDQ,
}

/**
 * Microseconds per packet of 1158 bytes as the program measures them at start, and what it chooses, with processor instructions hidden
 * from OpenSSL. One process per round; the lowest of each.
 */
if (process.argv[2] === 'child') console.log(JSON.stringify(await chooseSrtp()))
else await compare()

async function compare(): Promise<void> {
  console.log(`${describe()}, load ${(await readFile('/proc/loadavg', 'utf8')).split(' ')[0]}`)
  console.log(
    `${'processor'.padEnd(36)} keystream by OpenSSL, by WebAssembly; packet with AES-CM, with AES-GCM; chosen in ${ROUNDS} rounds`,
  )
  for (const [name, mask] of Object.entries(MASKS)) {
    if (mask !== 0n && process.arch !== 'x64') {
      console.log(`${name.padEnd(36)} OPENSSL_ia32cap hides instructions on x64 only`)
      continue
    }
    const choices: Choice[] = []
    for (let round = 0; round < ROUNDS; round++) choices.push(await chooseWith(mask))
    const lowest = (way: keyof NonNullable<Choice['costs']>): string =>
      Math.min(...choices.map(({ costs }) => costs?.[way] ?? NaN))
        .toFixed(1)
        .padStart(8)
    const chosen = new Set(
      choices.map(({ aes, profiles }) => `${profiles[0] === 1 ? 'AES-CM' : 'AES-GCM'} by ${aes}`),
    )
    const figures = (['openssl', 'simd', 'aesCm', 'aesGcm'] as const).map(lowest).join(' ')
    console.log(`${name.padEnd(36)} ${figures}  ${[...chosen].join(', ')}`)
  }
}

async function chooseWith(mask: bigint): Promise<Choice> {
  const env = mask === 0n ? {} : { OPENSSL_ia32cap: `~0x${mask.toString(16)}` }
  const script = fileURLToPath(import.meta.url)
  const child = spawn(process.execPath, ['--import', 'tsx', script, 'child'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (text) => (output += String(text)))
  await once(child, 'close')
  return JSON.parse(output) as Choice
}
