// @ts-check
/** Entry of the owner's page: which section is shown, messages, and the events of the server. */

import { find, setText } from './dom.js'
import { createOwnerApi } from './owner-api.js'
import { createCameras } from './owner-cameras.js'
import { sentenceOf } from './owner-change.js'
import { createHealth } from './owner-health.js'
import { createLog } from './owner-log.js'
import { createViewers } from './owner-viewers.js'
import { loadWords, words } from './page-words.js'
import { fillWords } from './words.js'

/**
 * @typedef {object} Section
 * @property {(hash: string) => Promise<void>} show
 * @property {() => void} [hide]
 * @property {(event: string) => Promise<unknown>} [changed] `config`, `cameras` or `viewers` of the server
 * @property {() => void} [restarted] another process answers
 *
 * @typedef {object} OwnerPage
 * @property {URL} root
 * @property {import('./owner-api.js').OwnerApi} api
 * @property {(work: () => Promise<string>) => void} run reports the sentence, or the error
 * @property {(text: string) => void} report
 * @property {() => Promise<void>} whenBack resolves when the server answers again after it closed the events
 */

await loadWords('owner')
fillWords(document, words)
document.title = words.text('owner.title')

const root = new URL('./', location.href)
const status = find(document, '#status', HTMLElement)
const alertLine = find(document, '#alert', HTMLElement)
/** Sentences about what was done are read by then. */
const reportedForMs = 8000
const retryMs = 5000
/** @type {ReturnType<typeof setTimeout> | undefined} */
let clearing
/** @type {Set<() => void>} */
const waitingForServer = new Set()

/** @type {OwnerPage} */
const page = {
  root,
  api: createOwnerApi(root),
  run: (work) => void work().then(report, fail),
  report,
  whenBack: () => new Promise((resolve) => waitingForServer.add(() => resolve())),
}

/** @type {Record<string, (section: HTMLElement, page: OwnerPage) => Section>} */
const creators = { cameras: createCameras, viewers: createViewers, health: createHealth, log: createLog }
/** @type {Map<string, Section>} */
const sections = new Map()
let shown = ''

document.documentElement.dataset.colours = window.choices.read().colours
addEventListener('hashchange', () => showSection({ focus: true }))
showSection({ focus: false })
followServer()

/** @param {{ focus: boolean }} about */
function showSection({ focus }) {
  const hash = location.hash.slice(1)
  const name = Object.hasOwn(creators, hash) ? hash : 'cameras'
  if (shown !== name) sections.get(shown)?.hide?.()
  for (const other of Object.keys(creators)) {
    find(document, `#${other}-section`, HTMLElement).hidden = other !== name
    const link = find(document, `nav a[href="#${other}"]`, HTMLElement)
    if (other === name) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  if (shown === name && hash === name) return
  shown = name
  const root = find(document, `#${name}-section`, HTMLElement)
  const section = sections.get(name) ?? creators[name]?.(root, page)
  if (!section) return
  sections.set(name, section)
  if (focus) find(root, 'h2', HTMLElement).focus()
  section.show(hash).catch(fail)
}

/** @param {string} text */
function report(text) {
  clearTimeout(clearing)
  setText(alertLine, '')
  setText(status, text)
  clearing = setTimeout(() => setText(status, ''), reportedForMs)
}

/** @param {unknown} error */
function fail(error) {
  clearTimeout(clearing)
  setText(status, '')
  setText(alertLine, sentenceOf(error))
}

/** The section that is shown reads again what changed. A hidden page disconnects, as the page of the cameras does. */
function followServer() {
  /** @type {EventSource | undefined} */
  let source
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry
  /** The first event of a name has the state that the section has read already. */
  const seen = new Set()

  /** @param {Event} event */
  function onEvent({ type }) {
    if (seen.has(type))
      sections
        .get(shown)
        ?.changed?.(type)
        .catch(() => {}) // the next event may succeed
    seen.add(type)
  }

  function onOpen() {
    if (waitingForServer.size === 0) return
    for (const resolve of waitingForServer) resolve()
    for (const section of sections.values()) section.restarted?.()
    waitingForServer.clear()
  }

  function open() {
    close()
    source = new EventSource(new URL('api/events', root))
    source.addEventListener('open', onOpen)
    for (const name of ['config', 'cameras', 'viewers']) source.addEventListener(name, onEvent)
    source.addEventListener('error', () => {
      // The browser reconnects by itself, unless something answered with an error.
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, retryMs)
    })
  }

  function close() {
    clearTimeout(retry)
    source?.close()
  }

  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))
  if (!document.hidden) open()
}
