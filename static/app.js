/** The page: which cameras, and the few things all tiles share. */

import './camera-tile.js'
import { layOut } from './grid.js'
import { cameraOfPage as only } from './head-start.js'
import { fetchConfig } from './server-config.js'
import { summary } from './words.js'

const config = fetchConfig(sayUnreachable)
const configured = config.then(({ ice_servers }) => ice_servers ?? [])
const iceServers = () => configured
const tiles = []
const grid = () => document.getElementById('grid')

start()

async function start() {
  await parsed()
  const root = document.documentElement
  root.dataset.page = only ? 'one' : 'grid'
  if (new URLSearchParams(location.search).get('controls') === 'false') root.dataset.controls = 'none'
  followThePage()
  await (only ? showOne(only) : showAll())
}

/** The key is in the address, so nothing waits for the configuration; it brings the name and the size a moment later. */
async function showOne(key) {
  const name = key.replace('camera', 'Camera ')
  const tile = addTile({ key, name, ws: `/${key}/ws` })
  const { cameras, max_clients, pi_ip } = await config
  say('')
  const camera = cameras.find((each) => each.key === key)
  document.title = camera?.name ?? name
  if (camera) tile.describeCamera({ ...camera, maxViewers: max_clients, piIp: pi_ip })
}

async function showAll() {
  const { cameras, max_clients, pi_ip } = await config
  if (cameras.length === 0) return say('No camera is configured.')
  say('')
  for (const camera of cameras) addTile({ ...camera, maxViewers: max_clients, piIp: pi_ip })
  arrange()
}

function addTile(camera) {
  const tile = document.createElement('camera-tile')
  tiles.push(tile)
  tile.watch(camera, iceServers)
  grid().append(tile)
  return tile
}

function followThePage() {
  grid().addEventListener('state', () => {
    document.getElementById('summary').textContent = summary(tiles.map((tile) => tile.state))
  })
  grid().addEventListener('ratio', arrange)
  new window.ResizeObserver(arrange).observe(grid())
  document.addEventListener('visibilitychange', () => {
    for (const tile of tiles) document.hidden ? tile.sleep() : tile.wake()
  })
  window.addEventListener('online', () => tiles.forEach((tile) => tile.wake()))
  window.addEventListener('pagehide', () => tiles.forEach((tile) => tile.leave()))
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) tiles.forEach((tile) => tile.wake())
  })
}

function arrange() {
  if (only || tiles.length === 0) return
  const main = grid()
  const style = window.getComputedStyle(main)
  const room = {
    width: main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight),
    height: main.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom),
    gap: parseFloat(style.columnGap) || 0,
  }
  const ratio = Math.max(...tiles.map((tile) => tile.ratio ?? 16 / 9))
  const { width, height } = layOut(tiles.length, room, ratio)
  main.style.setProperty('--tile-width', `${width}px`)
  main.style.setProperty('--tile-height', `${height}px`)
}

async function sayUnreachable(retryInMs) {
  await parsed()
  // The page of one camera goes on without the configuration; its tile says what it lacks.
  if (!only) say(`The camera server does not answer. Next try in ${Math.ceil(retryInMs / 1000)} s.`)
}

function say(text) {
  const notice = document.getElementById('page-notice')
  notice.textContent = text
  notice.hidden = text === ''
}

/** The script runs as soon as it is there, which may be before the end of the page. */
async function parsed() {
  if (document.readyState !== 'loading') return
  await new Promise((resolve) => document.addEventListener('DOMContentLoaded', resolve, { once: true }))
}
