// Prints the folders of node_modules that the program needs, one a line. Reads package-lock.json, so it needs no registry.
// Optional packages are left out: they contain machine code, and the Debian package is for every architecture.
import { readFileSync } from 'node:fs'

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
for (const [folder, { dev, optional, devOptional, peer }] of Object.entries(packages))
  if (folder !== '' && !dev && !optional && !devOptional && !peer) console.log(folder)
