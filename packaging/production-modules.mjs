// Prints the folders of node_modules that the program needs, one a line. Reads the lock file, so it needs no registry.
// Optional packages are left out: they contain machine code, and the Debian package is for every architecture.
import { existsSync, readFileSync } from 'node:fs'

// A published package has the other name.
const lockFile = existsSync('package-lock.json') ? 'package-lock.json' : 'npm-shrinkwrap.json'
const { packages } = JSON.parse(readFileSync(lockFile, 'utf8'))
for (const [folder, { dev, optional, devOptional, peer }] of Object.entries(packages))
  if (folder !== '' && !dev && !optional && !devOptional && !peer) console.log(folder)
