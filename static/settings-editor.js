// @ts-check
/** Reads, changes and saves the controls of a camera, within the frame that a page gives it. */

import { backoffMs } from './backoff.js'
import { ChangeQueue } from './change-queue.js'
import { words } from './page-words.js'
import { SettingsError, createSettingsApi } from './settings-api.js'
import { emptyText, savedText } from './settings-format.js'
import { SettingsList, focusHeld } from './settings-list.js'

/**
 * @typedef {import('./settings-api.js').Settings} Settings
 * @typedef {import('./settings-api.js').Changes} Changes
 * @typedef {import('./settings-frame.js').SettingsFrame} SettingsFrame
 * @typedef {import('./settings-frame.js').FrameEvents} FrameEvents
 */

/** A restart of the capture pauses the picture, so a slider has to stand still for this long first. */
const quietBeforeRestartMs = 250

export class SettingsEditor {
  #api
  #frame
  #list
  #queue
  /** @type {Settings | null} */
  #settings = null
  #failures = 0
  /** Whether the panel shows that the settings cannot be read. */
  #unreachable = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry
  #closed = false

  /**
   * @param {string} key of the camera
   * @param {URL} root of the server
   * @param {(on: FrameEvents) => SettingsFrame} createFrame
   */
  constructor(key, root, createFrame) {
    this.#api = createSettingsApi(key, root)
    this.#queue = new ChangeQueue(
      (changes) => this.#change(changes),
      (busy) => this.#frame.showBusy(busy),
    )
    this.#frame = createFrame({
      save: () => this.#queue.run(() => this.#save()),
      retry: () => this.#read(),
    })
    this.#list = new SettingsList(this.#frame.parts.list, key, {
      change: ({ name: control, applies }, value) =>
        this.#queue.set(control, value, applies === 'restart' && value !== null ? quietBeforeRestartMs : 0),
      isChanging: (control) => this.#queue.has(control),
      holdFocus: () => this.#holdFocus(),
    })
    this.#read()
  }

  /** Values on their way are still sent. */
  close() {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#queue.flush()
    this.#frame.close()
  }

  #read() {
    clearTimeout(this.#retry)
    this.#queue.run(async () => {
      if (this.#closed) return
      try {
        const settings = await this.#api.read()
        if (this.#unreachable) this.#frame.report(this.#settings ? words.text('settings.again') : '')
        this.#unreachable = false
        this.#failures = 0
        this.#show(settings)
      } catch (error) {
        this.#onReadFailure(errorOf(error))
      }
    })
  }

  /** @param {SettingsError} error */
  #onReadFailure({ message, retryable }) {
    this.#unreachable = true
    this.#frame.fail(message, { retry: true })
    if (!this.#settings) this.#frame.showPlaceholder('')
    if (retryable && !this.#closed)
      this.#retry = setTimeout(() => this.#read(), backoffMs(this.#failures++, Math.random()))
  }

  /** @param {Changes} changes */
  async #change(changes) {
    try {
      const settings = await this.#api.change(changes)
      return () => {
        this.#frame.report('')
        this.#show(settings)
      }
    } catch (error) {
      const failure = errorOf(error)
      return () => this.#onChangeFailure(failure, Object.keys(changes))
    }
  }

  /** @param {SettingsError} error @param {string[]} names */
  #onChangeFailure({ message, retryable, rejected }, names) {
    this.#frame.fail(message, { retry: retryable })
    this.#list.revert(names)
    if (rejected) return
    // The server may have applied other values than the last answer has.
    this.#unreachable = retryable
    this.#read()
  }

  async #save() {
    if (!this.#settings) return
    try {
      const saved = await this.#api.save()
      this.#settings.unsaved = false
      this.#frame.showUnsaved(false)
      this.#frame.report(savedText(saved))
    } catch (error) {
      const { message } = errorOf(error)
      this.#frame.fail(message)
    }
  }

  #holdFocus() {
    const changes = focusHeld(this.#settings?.controls ?? [])
    for (const [name, value] of Object.entries(changes ?? {})) this.#queue.set(name, value)
  }

  /** @param {Settings} settings */
  #show(settings) {
    this.#settings = settings
    if (this.#closed) return
    const { controls, unsaved } = settings
    this.#list.show(controls)
    if (controls.length === 0) this.#frame.showPlaceholder(emptyText(settings))
    this.#frame.showHint(this.#list.restarts ? words.text('settings.restarts') : '')
    this.#frame.showUnsaved(controls.length === 0 ? undefined : unsaved)
  }
}

/** @param {unknown} error */
function errorOf(error) {
  if (error instanceof SettingsError) return error
  console.error(error)
  return new SettingsError(words.text('settings.wrong'))
}
