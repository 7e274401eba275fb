// @ts-check
/** What the tiles of the viewer page need of it. */

import { words } from './page-words.js'
import { parseQuality } from './quality.js'
import { isSignedOut } from './signed-out.js'

const query = new URLSearchParams(location.search)
const { boot } = window

/** @type {import('./tile-context.js').TileContext} */
export const pageContext = {
  words,
  choices: window.choices,
  showsStats: query.get('stats') === 'true',
  quality: parseQuality(query.get('quality')),
  inBackground: () => query.get('background') === 'true',
  isCrossOrigin: false,
  socketUrl: ({ ws }) => boot.socketUrl(ws),
  mjpegUrl: ({ ws }) => ws.replace(/ws$/, 'stream.mjpg'),
  claimAttempt: boot.claimAttempt,
  openAttempt: boot.openAttempt,
  renewTab: boot.renewTab,
  whyClosed: async () =>
    (await isSignedOut(boot.root, location.search)) ? { code: 'signed-out', message: '' } : undefined,
  page: {
    isOfOne: Boolean(boot.cameraOfPage),
    addressOf: ({ key }) => new URL(`${key}/`, boot.root).href,
    async openAddresses(camera) {
      const { openSharePanel } = await import('./share-panel.js')
      openSharePanel(camera, boot.bootstrap.pi_ip)
    },
    async toggleSettings(camera, tile, button) {
      const { toggleSettingsPanel } = await import('./settings-panel.js')
      await toggleSettingsPanel(camera, tile, button)
    },
    signIn: () => location.reload(), // the server answers with the form to sign in, which leads back here
  },
}
