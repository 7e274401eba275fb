// @ts-check
/** Entry of the page: creates a tile for each camera and handles what concerns all of them. */

import { CameraTile } from './camera-tile.js'
import { find } from './dom.js'
import { followConfig, reloadWhenUnused } from './follow.js'
import { arrange } from './grid.js'
import { summary } from './messages.js'

const { bootstrap, cameraOfPage } = window.boot
const grid = find(document, '#grid', HTMLElement)
const notice = find(document, '#no-camera', HTMLElement)
const summaryLine = find(document, '#summary', HTMLElement)
/** @type {CameraTile[]} */
let tiles = []
let isOutdated = false

listen()
showCameras(bootstrap)
followConfig(window.boot.root, (config) => {
  showCameras(config)
  if (config.version === bootstrap.version || isOutdated) return
  isOutdated = true
  reloadWhenUnused()
})

/** Adds, removes, renames and orders the tiles as the configuration has it. @param {import('./follow.js').FollowedConfig} config */
function showCameras({ cameras, max_clients: maxViewers, pi_ip: piIp }) {
  const shown = cameras.filter(({ key }) => !cameraOfPage || key === cameraOfPage)
  if (cameraOfPage && shown[0]) document.title = shown[0].name
  // The page of a camera keeps its tile, which says that the camera was removed.
  if (cameraOfPage && shown.length === 0 && tiles.length > 0) return
  const before = new Map(tiles.map((tile) => [tile.dataset.camera, tile]))
  const about = { maxViewers, piIp, mayAdminister: bootstrap.may_administer }
  tiles = shown.map((camera) => {
    const tile = before.get(camera.key) ?? addTile({ ...camera, ...about })
    tile.rename(camera.name)
    return tile
  })
  for (const tile of before.values()) if (!tiles.includes(tile)) removeTile(tile)
  tiles.forEach((tile, i) => {
    // Moving an element restarts its video, so only a tile at another place is moved.
    const inPlace = grid.querySelectorAll('camera-tile')[i]
    if (inPlace !== tile) grid.insertBefore(tile, inPlace ?? null)
  })
  notice.hidden = tiles.length > 0
  summarise()
  arrangeTiles()
}

/** @param {import('./camera-tile.js').TileCamera} camera */
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
  summaryLine.textContent = summary(tiles.map((tile) => tile.state))
}

function listen() {
  grid.addEventListener('state', summarise)
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
