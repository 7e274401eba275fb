// v4l2-ctl of a USB camera that is not there. $FAKE_V4L2 is a folder: `state.json` has the values that were set, and `sets` a line
// for each attempt. Without state.json the camera has its defaults, as after it was plugged in.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'

const folder = process.env.FAKE_V4L2
const read = () => {
  try {
    return JSON.parse(readFileSync(`${folder}/state.json`, 'utf8'))
  } catch {
    return {}
  }
}
const CONTROLS = {
  brightness: { type: 'int', min: 0, max: 255, default: 128 },
  contrast: { type: 'int', min: 0, max: 100, default: 50, clamp: 60 },
  sharpness: { type: 'int', min: 0, max: 10, default: 5, fails: 'Input/output error' },
  white_balance_automatic: { type: 'bool', default: 1 },
  white_balance_temperature: {
    type: 'int',
    min: 2800,
    max: 6500,
    default: 4000,
    unless: ['white_balance_automatic', 0],
  },
  auto_exposure: {
    type: 'menu',
    min: 0,
    max: 3,
    default: 3,
    menu: { 1: 'Manual Mode', 3: 'Aperture Priority Mode' },
  },
  exposure_time_absolute: { type: 'int', min: 3, max: 2047, default: 250, unless: ['auto_exposure', 1] },
  exposure_dynamic_framerate: { type: 'bool', default: 0 },
  focus_absolute: {
    type: 'int',
    min: 0,
    max: 250,
    step: 5,
    default: 0,
    unless: ['focus_automatic_continuous', 0],
  },
  focus_automatic_continuous: { type: 'bool', default: 1 },
}
const state = read()
const valueOf = (name) => state[name] ?? CONTROLS[name].default
const isInactive = ({ unless }) => unless !== undefined && valueOf(unless[0]) !== unless[1]

const [, path, action, assignment] = process.argv.slice(2)
if (path !== '/dev/video9') {
  console.error(`Cannot open device ${path}, exiting.`)
  process.exitCode = 1
} else if (action === '--list-ctrls-menus') {
  console.log('\nUser Controls\n')
  for (const [name, control] of Object.entries(CONTROLS)) {
    const { type, min, max, step = 1, menu } = control
    const range = type === 'bool' ? '' : ` min=${min} max=${max}${type === 'int' ? ` step=${step}` : ''}`
    const label = menu === undefined ? '' : ` (${menu[valueOf(name)]})`
    const flags = isInactive(control) ? ' flags=inactive' : ''
    console.log(
      `${name.padStart(31)} 0x00980900 (${type})    :${range} default=${control.default} value=${valueOf(name)}${label}${flags}`,
    )
    for (const [index, text] of Object.entries(menu ?? {})) console.log(`\t\t\t\t${index}: ${text}`)
  }
} else if (action === '--set-ctrl') {
  appendFileSync(`${folder}/sets`, `${assignment}\n`)
  const [name, text] = assignment.split('=')
  const control = CONTROLS[name]
  const problem =
    control === undefined
      ? `unknown control '${name}'`
      : isInactive(control)
        ? 'Permission denied'
        : control.fails
  if (problem !== undefined) {
    console.error(`VIDIOC_S_EXT_CTRLS: failed: ${problem}`)
    process.exitCode = 255
  } else {
    writeFileSync(
      `${folder}/state.json`,
      JSON.stringify({ ...state, [name]: Math.min(Number(text), control.clamp ?? Infinity) }),
    )
  }
} else process.exitCode = 1
