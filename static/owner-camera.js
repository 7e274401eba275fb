// @ts-check
/** One camera on the owner's page: state, picture, form, controls and restart. Its contents are built when it is opened. */

import { setText } from './dom.js'
import { element } from './element.js'
import { createForm } from './owner-form.js'
import { reasonText, stateText } from './owner-words.js'
import { words } from './page-words.js'
import { SettingsEditor } from './settings-editor.js'
import { SettingsFrame, createParts } from './settings-frame.js'

/**
 * @typedef {import('./owner-api.js').Camera} Camera
 * @typedef {import('../src/http/routes/owner-answer.js').CameraSettingsAnswer} CameraSettings
 * @typedef {import('./owner.js').OwnerPage} OwnerPage
 */

const pictureMs = 2000

export class CameraCard {
  root = element('details', { class: 'owner-camera' })
  key
  #page
  #camera
  /** @type {CameraSettings | undefined} */
  #settings
  #onSaved
  #dot = element('span', { class: 'owner-dot', 'aria-hidden': 'true' })
  #name = element('span', { class: 'owner-name', dir: 'auto' })
  #state = element('span', { class: 'owner-state' })
  #why = element('p', { class: 'owner-note', dir: 'auto' })
  #body = element('div', { class: 'owner-camera-body' })
  #form = element('div')
  /** @type {SettingsEditor | undefined} */
  #controls
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #isBuilt = false

  /** @param {Camera} camera @param {OwnerPage} page @param {(path: string, camera: string) => void} onSaved */
  constructor(camera, page, onSaved) {
    this.key = camera.key
    this.#camera = camera
    this.#page = page
    this.#onSaved = onSaved
    this.root.id = camera.key
    const summary = element('summary')
    summary.append(this.#dot, this.#name, this.#state)
    this.root.append(summary, this.#body)
    this.root.addEventListener('toggle', () => this.#toggled())
    this.showState(camera)
  }

  /** @param {Camera} camera */
  showState(camera) {
    this.#camera = camera
    const { name, state, width, height, fps } = camera
    this.root.dataset.state = state
    setText(this.#name, name)
    const rate = words.text('tile.value.fps', { value: fps })
    setText(this.#state, `${stateText(state)} · ${width} × ${height} · ${rate}`)
    setText(this.#why, reasonText(camera))
    this.#why.hidden = this.#why.textContent === ''
  }

  /** @param {CameraSettings | undefined} settings */
  showSettings(settings) {
    // What somebody types is not lost because something else changed.
    const isSame = JSON.stringify(settings) === JSON.stringify(this.#settings)
    this.#settings = settings
    if (this.#isBuilt && !isSame) this.#buildForm()
  }

  focus() {
    this.root.querySelector('summary')?.focus()
  }

  close() {
    this.#controls?.close()
    clearTimeout(this.#timer)
    this.root.remove()
  }

  #toggled() {
    if (this.root.open && !this.#isBuilt) this.#build()
    clearTimeout(this.#timer)
    if (this.root.open) this.#followPicture()
  }

  #build() {
    this.#isBuilt = true
    const picture = element('img', {
      class: 'owner-picture',
      alt: words.text('owner.preview', { name: this.#camera.name }),
    })
    const restart = element('button', { type: 'button', class: 'owner-button' }, words.text('owner.restart'))
    restart.addEventListener('click', () =>
      this.#page.run(async () => {
        await this.#page.api.restartCamera(this.key)
        return words.text('owner.restarted', { camera: this.#camera.name })
      }),
    )
    const side = element('div', { class: 'owner-side' })
    side.append(picture, this.#why, restart)
    const main = element('div', { class: 'owner-main' })
    main.append(this.#form, this.#createControls())
    this.#body.append(side, main)
    this.#buildForm()
  }

  #buildForm() {
    const { api } = this.#page
    const settings = this.#settings
    if (!settings) {
      this.#form.replaceChildren(element('p', { class: 'owner-note' }, words.text('owner.no-table')))
      return
    }
    const form = createForm(this.key, settings.fields, api, (path) => this.#onSaved(path, this.key))
    const device = words.text('owner.device', { device: settings.device })
    this.#form.replaceChildren(form.root, element('p', { class: 'owner-note', dir: 'auto' }, device))
    // Without an answer the form has the usual sizes.
    api.sizes(this.key).then(
      ({ sizes }) => form.suggest(sizes),
      () => {},
    )
  }

  #createControls() {
    const details = element('details', { class: 'owner-controls' })
    details.append(element('summary', {}, words.text('owner.controls')))
    details.addEventListener('toggle', () => {
      if (!details.open || this.#controls) return
      this.#controls = new SettingsEditor(this.key, this.#page.root, (on) => {
        const frame = new SettingsFrame(createParts({ class: 'settings-inline' }), on)
        details.append(frame.parts.panel)
        return frame
      })
    })
    return details
  }

  /** One picture after the other, while it is seen. */
  #followPicture() {
    const picture = this.#body.querySelector('img')
    const again = () => (this.#timer = setTimeout(() => this.#followPicture(), pictureMs))
    if (!picture || !this.root.open || !this.root.isConnected) return
    if (document.hidden || this.root.offsetParent === null) return void again()
    picture.onload = picture.onerror = again
    picture.src = new URL(`${this.key}/snapshot.jpg?t=${Date.now()}`, this.#page.root).href
  }
}
