// @ts-check
/** The state of the cameras, the checks of `rpi-webrtc doctor`, and a restart of the program. */

import { setText } from './dom.js'
import { element } from './element.js'
import { sentenceOf } from './owner-change.js'
import { pushStateText, reasonText, stateText } from './owner-words.js'
import { words } from './page-words.js'

/** @typedef {import('../src/http/routes/owner-answer.js').DoctorAnswer} Doctor */

/** @param {HTMLElement} section @param {import('./owner.js').OwnerPage} page @returns {import('./owner.js').Section} */
export function createHealth(section, page) {
  const { api } = page
  const cameras = element('ul', { class: 'owner-list' })
  const check = element('button', { type: 'button', class: 'owner-button' }, words.text('owner.check'))
  const status = element('p', { class: 'owner-note', role: 'status' })
  const report = element('div', { class: 'owner-report' })
  const restart = element(
    'button',
    { type: 'button', class: 'owner-button' },
    words.text('owner.restart-program'),
  )
  const why = element('p', { class: 'owner-note', dir: 'auto' })
  section.append(
    element('h3', {}, words.text('owner.cameras')),
    cameras,
    element('h3', {}, words.text('owner.machine')),
    check,
    status,
    report,
    element('h3', {}, words.text('owner.program')),
    restart,
    why,
  )
  check.addEventListener('click', () => void diagnose())
  restart.addEventListener('click', () => {
    if (confirm(words.text('owner.confirm-restart'))) page.run(restartProgram)
  })

  async function load() {
    const { cameras: all } = await api.cameras()
    cameras.replaceChildren(
      ...all.flatMap((camera) => [
        stateItem(camera.name, camera.state, [stateText(camera.state), reasonText(camera)]),
        ...(camera.pushes ?? []).map((push) => {
          const [text, like] = pushStateText(push.state)
          const title = words.text('owner.push-to', { camera: camera.name, server: push.name })
          const way = push.relayed ? words.text('owner.push-relayed') : ''
          return stateItem(title, like, [text, way, push.message, push.hint])
        }),
      ]),
    )
  }

  async function diagnose() {
    if (check.ariaDisabled === 'true') return
    check.ariaDisabled = 'true'
    setText(status, words.text('owner.checking'))
    try {
      const answer = await api.doctor()
      report.replaceChildren(...reportElements(answer))
      setText(status, answer.ok ? words.text('owner.all-well') : '')
      setText(check, words.text('owner.check-again'))
    } catch (error) {
      setText(status, sentenceOf(error))
    }
    check.ariaDisabled = 'false'
  }

  async function restartProgram() {
    const back = page.whenBack()
    await api.restartProgram()
    page.report(words.text('owner.restarting'))
    await back
    await load()
    return words.text('owner.program-back')
  }

  return {
    show: async () => {
      const [settings] = await Promise.all([api.settings(), load()])
      restart.hidden = !settings.restart.possible
      setText(why, settings.restart.why ?? '')
    },
    changed: load,
  }
}

/** @param {string} name @param {string} state @param {(string | undefined)[]} sentences */
function stateItem(name, state, sentences) {
  const item = element('li', { 'data-state': state })
  const text = element('div', { class: 'owner-item' })
  // Some of them end with a full stop.
  const about = sentences.map((sentence) => sentence?.replace(/\.$/, '')).filter(Boolean)
  text.append(
    element('strong', { dir: 'auto' }, name),
    element('span', { class: 'owner-about', dir: 'auto' }, about.join('. ')),
  )
  item.append(element('span', { class: 'owner-dot', 'aria-hidden': 'true' }), text)
  return item
}

/** What is wrong comes first; what is fine is there for those who look. @param {Doctor} doctor */
function reportElements({ chapters }) {
  const all = chapters.flatMap(({ title, checks }) => checks.map((one) => ({ chapter: title, ...one })))
  const wrong = all.filter(({ status }) => status !== 'ok')
  const fine = all.filter(({ status }) => status === 'ok')
  const details = element('details')
  details.append(element('summary', {}, words.text('owner.fine', { count: fine.length })), checkList(fine))
  return [...(wrong.length > 0 ? [checkList(wrong)] : []), ...(fine.length > 0 ? [details] : [])]
}

/** @param {(import('../src/http/routes/owner-answer.js').CheckAnswer & { chapter: string })[]} checks */
function checkList(checks) {
  const list = element('ul', { class: 'owner-list' })
  list.append(
    ...checks.map(({ chapter, status, title, detail, hint }) => {
      const item = element('li', { 'data-status': status })
      const text = element('div', { class: 'owner-item' })
      text.append(
        element('strong', { dir: 'auto' }, words.text(`owner.status.${status}`, { title })),
        element('span', { dir: 'auto' }, detail),
        ...(hint === undefined ? [] : [element('span', { class: 'owner-hint', dir: 'auto' }, hint)]),
        element('span', { class: 'owner-about' }, chapter),
      )
      item.append(element('span', { class: 'owner-dot', 'aria-hidden': 'true' }), text)
      return item
    }),
  )
  return list
}
