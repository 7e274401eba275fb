import { copyFileSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { buildIn } from '../support/build.js'
import { allCases } from './cases/all.js'
import type { CaseResult } from './events.js'
import { buildKernel } from './host/kernel.js'
import { missingPackages, NEEDS } from './host/needs.js'
import { bootGuest } from './host/qemu.js'
import { isGood, report } from './host/report.js'

/**
 * run.ts [--only REGEXP] [--list] [--kvm] [--root FOLDER]: runs the cases in an emulated guest and prints a table; exit code 1 when
 * one failed, 2 when something is missing. FOLDER is another root file system for the guest, such as a Debian 13 made with
 * mmdebstrap; it has to have this machine's architecture.
 */
const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(name)
  return at === -1 ? undefined : process.argv[at + 1]
}
const sources = fileURLToPath(new URL('.', import.meta.url))
const checkout = realpathSync(join(sources, '../..'))
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rpi-webrtc-guest')
const root = argument('--root') ?? '/'
const only = argument('--only') ?? ''

if (process.argv.includes('--list')) {
  for (const { name, does, expects } of allCases) console.log(`${name}\n  ${does}\n  expects: ${expects}`)
} else {
  console.log(NEEDS + cache)
  const missing = missingPackages(root)
  for (const [where, packages] of [
    ['', missing.host],
    [`chroot ${root} `, missing.root],
  ] as const)
    if (packages.length > 0)
      console.error(
        `Missing. Run: sudo ${root === '/' ? '' : where}apt-get install --no-install-recommends ${packages.join(' ')}`,
      )
  process.exitCode = missing.host.length + missing.root.length > 0 ? 2 : await runCases()
}

async function runCases(): Promise<number> {
  buildIn(checkout)
  const kernel = buildKernel(sources, cache, root, (line) => console.log(`- ${line}`))
  const share = join(cache, 'share')
  rmSync(share, { recursive: true, force: true })
  mkdirSync(share, { recursive: true })
  await bundle(join(sources, 'inside/main.ts'), share)
  copyFileSync(join(sources, 'inside/start.sh'), join(share, 'start.sh'))
  copyFileSync(process.execPath, join(kernel.folder, 'node')) // the root file system may have none
  writeFileSync(join(share, 'environment'), `export ONLY='${only.replaceAll("'", '')}'\n`)

  const results = new Map<string, CaseResult>(
    allCases
      .filter(({ name }) => new RegExp(only).test(name))
      .map(({ name }) => [name, { verdict: 'failed', problem: 'the guest stopped before it', tookS: 0 }]),
  )
  const begunMs = performance.now()
  const isKvm = process.argv.includes('--kvm')
  const guest = { kernel, root, checkout, share, memoryMb: 2048, cpus: 2 } as const
  console.log('- boot')
  for await (const event of bootGuest({ ...guest, accelerator: isKvm ? 'kvm' : 'tcg' })) {
    if (event.event === 'ready')
      console.log(`- ready after ${event.bootS.toFixed(0)} s: ${event.versions.join(', ')}`)
    else if (event.event === 'begin') console.log(`- ${event.name}`)
    else if (event.event === 'end') {
      results.set(event.name, event.result)
      console.log(`    ${event.result.verdict} after ${event.result.tookS.toFixed(0)} s`)
    }
  }
  console.log(['', ...report(results)].join('\n'))
  console.log(`${Math.round((performance.now() - begunMs) / 1000)} s in all; logs are in ${share}`)
  if (isGood(results)) return 0
  console.log(readFileSync(join(share, 'console.log'), 'utf8').split('\n').slice(-20).join('\n'))
  return 1
}

/** Compiles the cases to one file, which finds the packages in node_modules of the checkout. */
async function bundle(entry: string, folder: string): Promise<void> {
  await build({
    configFile: false,
    root: checkout,
    logLevel: 'warn',
    build: {
      ssr: entry,
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'cases.mjs' } },
    },
  })
}
