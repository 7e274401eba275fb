// @ts-check
/** Entry of the page: creates a tile for each camera and handles what concerns all of them. */

import { CameraTile } from './camera-tile.js'
import { find } from './dom.js'
import { PageLayout } from './layout.js'
import { summary } from './messages.js'
import { listenForKeys } from './page-keys.js'
import { fillMasthead } from './page-menu.js'
import { isOnPart } from './tile-gestures.js'

const { bootstrap, cameraOfPage } = window.boot
const grid = find(document, '#grid', HTMLElement)
const summaryLine = find(document, '#summary', HTMLElement)
/** @type {CameraTile[]} */
const tiles = []
const layoutButtons = find(document, '.layouts', HTMLElement)
const layout = new PageLayout(grid, tiles, layoutButtons.querySelectorAll('button'))
const pageMenu = fillMasthead()

listen()
const cameras = bootstrap.cameras.filter(({ key }) => !cameraOfPage || key === cameraOfPage)
if (cameras.length === 0) showNotice('No camera is configured.')
if (cameraOfPage && cameras[0]) document.title = cameras[0].name
const { max_clients: maxViewers, pi_ip: piIp, may_administer: mayAdminister } = bootstrap
for (const camera of cameras) addTile({ ...camera, maxViewers, piIp, mayAdminister })
layoutButtons.hidden = tiles.length < 2
layout.arrange()
void followAddress()

/** @param {import('./camera-tile.js').TileCamera} camera */
function addTile(camera) {
  const existing = grid.querySelector(`camera-tile[data-camera="${camera.key}"]`) // created by boot.js
  const tile = existing instanceof CameraTile ? existing : new CameraTile()
  tiles.push(tile)
  tile.watch(camera, bootstrap.ice_servers)
  if (!existing) grid.append(tile)
}

function listen() {
  grid.addEventListener('state', () => {
    const states = tiles.map((tile) => tile.state)
    summaryLine.textContent = summary(states)
    document.documentElement.toggleAttribute(
      'data-all-live',
      states.every((state) => state === 'live'),
    )
  })
  grid.addEventListener('ratio', () => layout.arrange())
  new ResizeObserver(() => layout.arrange()).observe(grid)
  listenForKeys(layout, pageMenu.open)
  listenForClicks()
  document.addEventListener('visibilitychange', () => {
    for (const tile of tiles) document.hidden ? tile.sleep() : tile.wake()
  })
  window.addEventListener('online', () => tiles.forEach((tile) => tile.wake()))
  window.addEventListener('pagehide', () => tiles.forEach((tile) => tile.leave()))
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) tiles.forEach((tile) => tile.wake())
  })
}

function listenForClicks() {
  const tileOf = (/** @type {EventTarget | null} */ target) =>
    target instanceof Element ? target.closest('camera-tile') : null
  grid.addEventListener('enlarge', ({ target }) => {
    const tile = tileOf(target)
    if (tile) layout.enlarge(tile)
  })
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

/** @param {string} text */
function showNotice(text) {
  const notice = find(document, '#page-notice', HTMLElement)
  notice.textContent = text
  notice.hidden = false
}
