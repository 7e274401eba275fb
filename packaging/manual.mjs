// Prints the manual page, made of what --help prints. Arguments: the folder of the program, its version.
import { pathToFileURL } from 'node:url'

const [folder, version] = process.argv.slice(2)
const { HELP } = await import(pathToFileURL(`${folder}/dist/cli/help.js`).href)
const text = HELP.replaceAll('\\', '\\e')
  .replaceAll('-', '\\-')
  .replaceAll(/^(?=[.'])/gm, '\\&')
const [title, ...rest] = text.trimEnd().split('\n')
console.log(`.TH RPI\\-WEBRTC 1 "" "rpi\\-webrtc ${version}"
.SH NAME
${title}
.SH DESCRIPTION
.nf
${rest.join('\n').trim()}
.fi
.SH FILES
.TP
.I /etc/rpi\\-webrtc/config.toml
The configuration of the service.
.TP
.I /usr/share/doc/rpi\\-webrtc/examples/config.example.toml
Every key of the configuration.`)
