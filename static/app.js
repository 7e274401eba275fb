/** The page: which cameras, and the few things all tiles share. */

import './camera-tile.js'
import { arrange } from './grid.js'
import { summary } from './messages.js'

const { bootstrap, cameraOfPage: only } = window.boot
const tiles = []
const grid = () => document.getElementById('grid')

followThePage()
const cameras = bootstrap.cameras.filter(({ key }) => !only || key === only)
if (cameras.length === 0) say('No camera is configured.')
if (only) document.title = cameras[0].name
for (const camera of cameras) addTile({ ...camera, maxViewers: bootstrap.max_clients, piIp: bootstrap.pi_ip })
arrangeTiles()

function addTile(camera) {
  // The first picture may be there already, in a tile that waits to be taken.
  const early = grid().querySelector(`camera-tile[data-camera="${camera.key}"]`)
  const tile = early ?? document.createElement('camera-tile')
  tiles.push(tile)
  tile.watch(camera, bootstrap.ice_servers)
  if (!early) grid().append(tile)
}

function followThePage() {
  grid().addEventListener('state', () => {
    document.getElementById('summary').textContent = summary(tiles.map((tile) => tile.state))
  })
  grid().addEventListener('ratio', arrangeTiles)
  new window.ResizeObserver(arrangeTiles).observe(grid())
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
  if (only || tiles.length === 0) return
  arrange(grid(), tiles.length, Math.max(...tiles.map((tile) => tile.ratio ?? 16 / 9)))
}

function say(text) {
  const notice = document.getElementById('page-notice')
  notice.textContent = text
  notice.hidden = text === ''
}
