// @ts-check
/** Entry of the page: creates a tile for each camera and handles what concerns all of them. */

import { CameraTile } from './camera-tile.js'
import { createBanner } from './common-problem.js'
import { find } from './dom.js'
import { followConfig, reloadWhenUnused } from './follow.js'
import { PageLayout } from './layout.js'
import { summary } from './messages.js'
import { listenForKeys } from './page-keys.js'
import { followPage } from './page-life.js'
import { fillMasthead } from './page-menu.js'
import { pageIcon, pageState, pageTitle } from './page-title.js'
import { loadWords, words } from './page-words.js'
import { isOnPart } from './tile-gestures.js'
import { inOrder, listenForDrags, placeTile } from './tile-order.js'
import { fillWords } from './words.js'

await loadWords()
fillWords(document, words)

const { bootstrap, cameraOfPage } = window.boot
const grid = find(document, '#grid', HTMLElement)
const notice = find(document, '#no-camera', HTMLElement)
const summaryLine = find(document, '#summary', HTMLElement)
/** @type {CameraTile[]} */
const tiles = []
const siteHeading = find(document, '#site', HTMLElement)
const icon = find(document, 'link[rel=icon]', HTMLLinkElement)
const layoutButtons = find(document, '.layouts', HTMLElement)
const layout = new PageLayout(grid, tiles, layoutButtons.querySelectorAll('button'))
const pageMenu = fillMasthead()
const updateBanner = createBanner(find(document, '#common-problem', HTMLElement), tiles)
let isOutdated = false
/** @type {string | null} */
let site = null

listen()
showCameras(bootstrap)
followConfig(window.boot.root, (config) => {
  showCameras(config)
  if (config.version === bootstrap.version || isOutdated) return
  isOutdated = true
  reloadWhenUnused()
})
void followAddress()

/** Adds, removes, renames and orders the tiles as the configuration has it. @param {import('./follow.js').FollowedConfig} config */
function showCameras({ cameras, site_name: siteName, max_clients: maxViewers }) {
  const ofPage = cameras.filter(({ key }) => !cameraOfPage || key === cameraOfPage)
  const shown = inOrder(ofPage, window.choices.read().order)
  site = siteName
  siteHeading.textContent = site ?? 'rpi-webrtc'
  // The page of a camera keeps its tile, which says that the camera was removed.
  if (cameraOfPage && shown.length === 0 && tiles.length > 0) return
  const before = new Map(tiles.map((tile) => [tile.dataset.camera, tile]))
  const about = { maxViewers, mayAdminister: bootstrap.may_administer }
  const after = shown.map((camera) => {
    const tile = before.get(camera.key) ?? addTile({ ...camera, ...about })
    tile.update(camera)
    return tile
  })
  for (const tile of before.values()) if (!after.includes(tile)) removeTile(tile)
  tiles.splice(0, tiles.length, ...after)
  tiles.forEach((tile, i) => {
    // Moving an element restarts its video, so only a tile at another place is moved.
    const inPlace = grid.querySelectorAll('camera-tile')[i]
    if (inPlace !== tile) placeTile(grid, tile, inPlace ?? null)
  })
  notice.hidden = tiles.length > 0
  summarise()
  updateBanner()
  layoutButtons.hidden = tiles.length < 2
  layout.camerasChanged()
}

/** @param {import('./tile-context.js').TileCamera} camera */
function addTile(camera) {
  const existing = grid.querySelector(`camera-tile[data-camera="${camera.key}"]`) // created by boot.js
  const tile = existing instanceof CameraTile ? existing : new CameraTile()
  tile.watch(camera, bootstrap.ice_servers)
  if (!existing) grid.append(tile)
  return tile
}

/** @param {CameraTile} tile */
function removeTile(tile) {
  tile.stop()
  tile.remove()
}

function summarise() {
  const states = tiles.map((tile) => tile.state)
  summaryLine.textContent = summary(states, words)
  document.documentElement.toggleAttribute(
    'data-all-live',
    states.every((state) => state === 'live'),
  )
  const state = pageState(tiles)
  document.title = pageTitle(site, tiles, words)
  if (icon.dataset.state !== state) icon.href = pageIcon(state)
  icon.dataset.state = state
}

function listen() {
  grid.addEventListener('state', summarise)
  grid.addEventListener('problem', updateBanner)
  grid.addEventListener('ratio', () => layout.arrange())
  new ResizeObserver(() => layout.arrange()).observe(grid)
  listenForKeys(layout, pageMenu.open)
  listenForClicks()
  followPage({
    sleep: () => tiles.forEach((tile) => tile.sleep()),
    wake: () => tiles.forEach((tile) => tile.wake()),
    leave: () => tiles.forEach((tile) => tile.leave()),
  })
}

function listenForClicks() {
  const tileOf = (/** @type {EventTarget | null} */ target) =>
    target instanceof Element ? target.closest('camera-tile') : null
  grid.addEventListener('enlarge', ({ target }) => {
    const tile = tileOf(target)
    if (tile) layout.enlarge(tile)
  })
  for (const [name, step] of /** @type {const} */ ([
    ['move-earlier', -1],
    ['move-later', 1],
  ]))
    grid.addEventListener(name, ({ target }) => {
      const tile = tileOf(target)
      if (tile) layout.move(tile, step)
    })
  listenForDrags(grid, (tile, onto) => layout.place(tile, tiles.indexOf(onto)))
  grid.addEventListener('enlarge-by-click', ({ target }) => {
    const tile = tileOf(target)
    if (tile && !cameraOfPage) layout.click(tile)
  })
  grid.addEventListener('dblclick', (event) => {
    if (isOnPart(event)) return
    const tile = layout.undoClick() ?? tileOf(event.target)
    tile?.toggleFullscreen()
  })
}

/** Query parameters that few pages have. */
async function followAddress() {
  const query = new URLSearchParams(location.search)
  if (!['view', 'every', 'sleep'].some((name) => query.has(name))) return
  const { startKiosk } = await import('./kiosk.js')
  await startKiosk(query, layout, tiles)
}
