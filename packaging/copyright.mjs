// Prints debian/copyright: the licence of the program, then that of each npm package in the file named by the argument.
import { readFileSync } from 'node:fs'

const folders = readFileSync(process.argv[2], 'utf8').trim().split('\n')
const [, , holder, , ...licence] = readFileSync('LICENSE', 'utf8').trim().split('\n')
const indented = (lines) => lines.map((line) => ` ${line.trim() || '.'}`).join('\n')
const own = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: rpi-webrtc
Source: https://github.com/rpi-webrtc/rpi-webrtc

Files: *
${holder.replace('Copyright (c)', 'Copyright:')}
License: MIT

License: MIT
${indented(licence)}
`
const about = (folder) => {
  const { name, version, license, author } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const by = typeof author === 'string' ? author : author?.name
  return ` ${name} ${version}: ${license ?? 'see its folder'}${by === undefined ? '' : `, by ${by}`}`
}
console.log(`${own}
Comment:
 The folder /usr/lib/rpi-webrtc/node_modules has these packages of npm. Each
 has its licence in its own folder.
${folders.map(about).join('\n')}`)
