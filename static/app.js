// @ts-check
/** Entry of the page: creates a tile for each camera and handles what concerns all of them. */

import { CameraTile } from './camera-tile.js'
import { find } from './dom.js'
import { arrange } from './grid.js'
import { summary } from './messages.js'

const { bootstrap, cameraOfPage } = window.boot
const grid = find(document, '#grid', HTMLElement)
const summaryLine = find(document, '#summary', HTMLElement)
/** @type {CameraTile[]} */
const tiles = []

listen()
const cameras = bootstrap.cameras.filter(({ key }) => !cameraOfPage || key === cameraOfPage)
if (cameras.length === 0) showNotice('No camera is configured.')
if (cameraOfPage && cameras[0]) document.title = cameras[0].name
const { max_clients: maxViewers, pi_ip: piIp, may_administer: mayAdminister } = bootstrap
for (const camera of cameras) addTile({ ...camera, maxViewers, piIp, mayAdminister })
arrangeTiles()

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
    summaryLine.textContent = summary(tiles.map((tile) => tile.state))
  })
  grid.addEventListener('ratio', arrangeTiles)
  new ResizeObserver(arrangeTiles).observe(grid)
  document.addEventListener('visibilitychange', () => {
    for (const tile of tiles) document.hidden ? tile.sleep() : tile.wake()
  })
  window.addEventListener('online', () => tiles.forEach((tile) => tile.wake()))
  window.addEventListener('pagehide', () => tiles.forEach((tile) => tile.leave()))
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) tiles.forEach((tile) => tile.wake())
  })
}

function arrangeTiles() {
  if (cameraOfPage || tiles.length === 0) return
  arrange(grid, tiles.length, Math.max(...tiles.map((tile) => tile.ratio ?? 16 / 9)))
}

/** @param {string} text */
function showNotice(text) {
  const notice = find(document, '#page-notice', HTMLElement)
  notice.textContent = text
  notice.hidden = false
}
