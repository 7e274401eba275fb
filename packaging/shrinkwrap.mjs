// Writes npm-shrinkwrap.json for the published package: package-lock.json without what only development needs. TypeScript, an
// optional peer of valibot, is among that: npm ci --omit=dev would keep its 24 MB.
import { readFileSync, writeFileSync } from 'node:fs'

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const needed = Object.entries(lock.packages).filter((entry) => !entry[1].dev && !entry[1].devOptional)
const packages = Object.fromEntries(needed)
delete packages[''].devDependencies
writeFileSync('npm-shrinkwrap.json', `${JSON.stringify({ ...lock, packages }, undefined, 2)}\n`)
