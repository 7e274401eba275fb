// @ts-check
/**
 * What a viewer has chosen on this site: layout, colours, language, rotation. Kept in localStorage, which other pages of the origin and old
 * versions write too, so every value is checked. Inlined into the page: the first layout needs it.
 */

/**
 * @typedef {import('./grid.js').LayoutName} LayoutName
 * @typedef {{ turn: 0 | 90 | 180 | 270, mirror: boolean }} Turned clockwise, then mirrored from left to right
 * @typedef {{ on: boolean, volume: number }} Sound whether a person has switched it on; from 0 to 1
 * @typedef {object} Choices
 * @property {LayoutName} layout
 * @property {string} large the key of the large tile, or ""
 * @property {string[]} order keys of cameras; those that are not in it come last
 * @property {'dark' | 'light'} colours
 * @property {string} language "de"; "": that of the browser
 * @property {boolean} stats whether the statistics are shown
 * @property {boolean} keys whether single keys work without focus on a tile
 * @property {Record<string, Turned>} turned by camera
 * @property {Record<string, Sound>} sound by camera
 * @property {Record<string, import('../src/signalling/quality.js').Quality>} quality by camera
 */

window.choices = (() => {
  const page = document.getElementById('bootstrap')?.dataset.page
  const name = `rpi-webrtc:${new URL(page ? '../' : './', location.href).pathname}`
  const root = document.documentElement
  const isCamera = (/** @type {unknown} */ key) => /^camera[1-9]\d?$/.test(String(key))

  /** @returns {Record<string, any>} */
  function stored() {
    try {
      const value = JSON.parse(localStorage.getItem(name) ?? '{}')
      return typeof value === 'object' && value !== null ? value : {}
    } catch {
      return {} // blocked, or not ours
    }
  }

  /** @returns {Choices} */
  function read() {
    const { layout, large, order, colours, language, stats, keys, turned, sound, quality } = stored()
    const qualities = Object.entries(Object(quality)).filter(
      ([key, value]) => isCamera(key) && ['high', 'low'].includes(value),
    )
    return {
      layout: ['large', 'single'].includes(layout) ? layout : 'grid',
      large: isCamera(large) ? String(large) : '',
      order: Array.isArray(order) ? order.filter(isCamera).map(String) : [],
      colours: colours === 'light' ? 'light' : 'dark',
      language: /^[a-z]{2}$/.test(language) ? String(language) : '',
      stats: stats === true,
      keys: keys !== false,
      turned: byCamera(turned, turnedOf),
      sound: byCamera(sound, soundOf),
      quality: Object.fromEntries(qualities),
    }
  }

  /** @template T @param {unknown} stored @param {(value: any) => T} valueOf @returns {Record<string, T>} */
  function byCamera(stored, valueOf) {
    const checked = Object.entries(Object(stored)).filter(([key, value]) => isCamera(key) && value)
    return Object.fromEntries(checked.map(([key, value]) => [key, valueOf(value)]))
  }

  /** @param {any} value @returns {Turned} */
  function turnedOf({ turn, mirror }) {
    return { turn: [90, 180, 270].includes(turn) ? turn : 0, mirror: mirror === true }
  }

  /** @param {any} value @returns {Sound} */
  function soundOf({ on, volume }) {
    const isVolume = typeof volume === 'number' && volume >= 0 && volume <= 1
    return { on: on === true, volume: isVolume ? volume : 1 }
  }

  /** The server has written the language of the browser, or of ?lang, into the page. */
  function applyLanguage() {
    const { language } = read()
    if (language && !new URLSearchParams(location.search).has('lang')) root.lang = language
    root.dir = /^(ar|dv|fa|he|ps|ur)/.test(root.lang) ? 'rtl' : 'ltr'
  }

  applyLanguage()
  return {
    read,
    /** @param {Partial<Choices>} changes */
    change(changes) {
      try {
        localStorage.setItem(name, JSON.stringify({ ...read(), ...changes }))
      } catch {
        // the browser blocks storage: the choice lasts until the page is closed
      }
    },
  }
})()
