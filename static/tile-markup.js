// @ts-check
/** The elements of a tile, for the page and for <rpi-camera>. */

const tile = /* HTML */ `
  <video muted autoplay playsinline disableremoteplayback tabindex="-1"></video>
  <canvas class="last-frame" width="0" height="0" aria-hidden="true"></canvas>
  <div class="topline">
    <div class="nameplate">
      <span class="badge" aria-hidden="true"></span>
      <h2 class="name" dir="auto"></h2>
      <span class="level" aria-hidden="true" hidden></span>
    </div>
    <span class="stats-line" dir="ltr"></span>
  </div>
  <p class="congestion" role="status" dir="auto"></p>
  <section class="stats" tabindex="0" hidden>
    <dl>
      <div>
        <dt data-word="tile.stat.latency"></dt>
        <dd data-stat="latency">–</dd>
      </div>
      <div>
        <dt data-word="tile.stat.fps"></dt>
        <dd data-stat="fps">–</dd>
      </div>
      <div>
        <dt data-word="tile.stat.resolution"></dt>
        <dd data-stat="resolution">–</dd>
      </div>
      <div>
        <dt data-word="tile.stat.bitrate"></dt>
        <dd data-stat="bitrate">–</dd>
      </div>
      <div>
        <dt data-word="tile.stat.bandwidth"></dt>
        <dd data-stat="bandwidth">–</dd>
      </div>
      <div>
        <dt data-word="tile.stat.path"></dt>
        <dd data-stat="path">–</dd>
      </div>
      <div>
        <dt data-word="tile.stat.roundTrip"></dt>
        <dd data-stat="roundTrip">–</dd>
      </div>
      <div>
        <dt data-word="tile.stat.lost"></dt>
        <dd data-stat="lost">–</dd>
      </div>
      <div>
        <dt data-word="tile.stat.retransmitted"></dt>
        <dd data-stat="retransmitted">–</dd>
      </div>
      <div>
        <dt data-word="tile.stat.freezes"></dt>
        <dd data-stat="freezes">–</dd>
      </div>
      <div>
        <dt data-word="tile.stat.jitterBuffer"></dt>
        <dd data-stat="jitterBuffer">–</dd>
      </div>
      <div>
        <dt data-word="tile.stat.decodeTime"></dt>
        <dd data-stat="decodeTime">–</dd>
      </div>
      <div class="wide">
        <dt data-word="tile.stat.codec"></dt>
        <dd data-stat="codec">–</dd>
      </div>
      <div class="wide">
        <dt data-word="tile.stat.fieldOfView"></dt>
        <dd data-stat="fieldOfView">–</dd>
      </div>
    </dl>
    <p class="camera-warnings"></p>
  </section>
  <div class="notice">
    <svg class="symbol" aria-hidden="true"><use href="#icon-busy" /></svg>
    <div class="status" role="status" aria-live="polite" aria-atomic="true">
      <span class="visually-hidden spoken-name" dir="auto"></span>
      <strong class="headline"></strong>
      <span class="detail" dir="auto"></span>
      <span class="hint" dir="auto"></span>
    </div>
    <p class="countdown" aria-hidden="true"></p>
    <button class="action" type="button" hidden></button>
  </div>
  <div class="controls">
    <button class="control pause" type="button" aria-keyshortcuts="Space P">
      <svg aria-hidden="true"><use href="#icon-pause" /></svg>
    </button>
    <button class="control sound" type="button" aria-keyshortcuts="U" aria-pressed="false" hidden>
      <svg aria-hidden="true"><use href="#icon-muted" /></svg>
    </button>
    <span class="spacer"></span>
    <button class="control save" type="button" aria-keyshortcuts="D">
      <svg aria-hidden="true"><use href="#icon-save" /></svg>
    </button>
    <button class="control more" type="button" aria-haspopup="menu" aria-expanded="false">
      <svg aria-hidden="true"><use href="#icon-more" /></svg>
    </button>
    <button class="control fullscreen" type="button" aria-keyshortcuts="F" hidden>
      <svg aria-hidden="true"><use href="#icon-fullscreen" /></svg>
    </button>
  </div>
  <button class="recording" type="button" hidden></button>
  <div class="menu" role="menu" popover="manual" hidden>
    <button class="enlarge" type="button" role="menuitem" tabindex="-1"></button>
    <button class="zoom-in" type="button" role="menuitem" tabindex="-1" data-stays>
      <span data-word="tile.menu.zoom-in"></span> <kbd aria-hidden="true">+</kbd>
    </button>
    <button class="zoom-out" type="button" role="menuitem" tabindex="-1" data-stays>
      <span data-word="tile.menu.zoom-out"></span> <kbd aria-hidden="true">−</kbd>
    </button>
    <button class="rotate" type="button" role="menuitem" tabindex="-1" data-stays>
      <span data-word="tile.menu.rotate"></span> <kbd aria-hidden="true">R</kbd>
    </button>
    <button class="mirror" type="button" role="menuitemcheckbox" tabindex="-1" data-stays>
      <span data-word="tile.menu.mirror"></span> <kbd aria-hidden="true">M</kbd>
    </button>
    <button class="quality-auto" type="button" role="menuitemradio" tabindex="-1" hidden>
      <span data-word="tile.menu.quality-auto"></span>
    </button>
    <button class="quality-high" type="button" role="menuitemradio" tabindex="-1" hidden>
      <span data-word="tile.menu.quality-high"></span>
    </button>
    <button class="quality-low" type="button" role="menuitemradio" tabindex="-1" hidden>
      <span data-word="tile.menu.quality-low"></span>
    </button>
    <button class="move-earlier" type="button" role="menuitem" tabindex="-1" data-stays>
      <span data-word="tile.menu.move-earlier"></span>
    </button>
    <button class="move-later" type="button" role="menuitem" tabindex="-1" data-stays>
      <span data-word="tile.menu.move-later"></span>
    </button>
    <button class="louder" type="button" role="menuitem" tabindex="-1" data-stays hidden></button>
    <button class="quieter" type="button" role="menuitem" tabindex="-1" data-stays hidden>
      <span data-word="tile.menu.quieter"></span>
    </button>
    <hr />
    <button class="save-item" type="button" role="menuitem" tabindex="-1" hidden>
      <span data-word="tile.menu.save"></span> <kbd aria-hidden="true">D</kbd>
    </button>
    <button class="record" type="button" role="menuitem" tabindex="-1"></button>
    <button class="pip" type="button" role="menuitem" tabindex="-1" hidden>
      <span data-word="tile.menu.pip"></span> <kbd aria-hidden="true">I</kbd>
    </button>
    <button class="share" type="button" role="menuitem" tabindex="-1" aria-haspopup="dialog">
      <span data-word="tile.menu.share"></span> <kbd aria-hidden="true">L</kbd>
    </button>
    <a class="own-page" role="menuitem" tabindex="-1" data-word="tile.menu.own-page"></a>
    <button class="stats-button" type="button" role="menuitemcheckbox" tabindex="-1">
      <span data-word="tile.menu.stats"></span> <kbd aria-hidden="true">S</kbd>
    </button>
    <button class="settings" type="button" role="menuitem" tabindex="-1" aria-haspopup="dialog" hidden>
      <span data-word="tile.menu.settings"></span> <kbd aria-hidden="true">C</kbd>
    </button>
  </div>
`

/** The icons that a tile refers to, once for each document or shadow tree. */
const symbols = /* HTML */ `
  <svg class="visually-hidden" aria-hidden="true" focusable="false">
    <symbol id="icon-play" viewBox="0 0 24 24">
      <path
        fill="currentColor"
        d="M8 5.6v12.8c0 .8.9 1.3 1.6.9l10-6.4a1.1 1.1 0 0 0 0-1.8l-10-6.4C8.9 4.3 8 4.8 8 5.6Z"
      />
    </symbol>
    <symbol id="icon-pause" viewBox="0 0 24 24">
      <rect x="6" y="5" width="4" height="14" rx="1.2" fill="currentColor" />
      <rect x="14" y="5" width="4" height="14" rx="1.2" fill="currentColor" />
    </symbol>
    <symbol id="icon-sound" viewBox="0 0 24 24">
      <path class="line" d="M4 9.5v5h3.2L12 18.5v-13L7.2 9.5Z" />
      <path class="line" d="M15.3 9a4.3 4.3 0 0 1 0 6M18 6.3a8.2 8.2 0 0 1 0 11.4" />
    </symbol>
    <symbol id="icon-muted" viewBox="0 0 24 24">
      <path class="line" d="M4 9.5v5h3.2L12 18.5v-13L7.2 9.5Z" />
      <path class="line" d="m15.5 9.5 5 5m0-5-5 5" />
    </symbol>
    <symbol id="icon-fullscreen" viewBox="0 0 24 24">
      <path
        class="line"
        d="M4 9V5.5A1.5 1.5 0 0 1 5.5 4H9m6 0h3.5A1.5 1.5 0 0 1 20 5.5V9m0 6v3.5a1.5 1.5 0 0 1-1.5 1.5H15m-6 0H5.5A1.5 1.5 0 0 1 4 18.5V15"
      />
    </symbol>
    <symbol id="icon-restore" viewBox="0 0 24 24">
      <path
        class="line"
        d="M9 4v3.5A1.5 1.5 0 0 1 7.5 9H4m16 0h-3.5A1.5 1.5 0 0 1 15 7.5V4m0 16v-3.5a1.5 1.5 0 0 1 1.5-1.5H20M4 15h3.5A1.5 1.5 0 0 1 9 16.5V20"
      />
    </symbol>
    <symbol id="icon-save" viewBox="0 0 24 24">
      <path
        class="line"
        d="M4 9a2 2 0 0 1 2-2h2l1.5-2h5L16 7h2a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2z"
      />
      <circle class="line" cx="12" cy="13" r="3.2" />
    </symbol>
    <symbol id="icon-more" viewBox="0 0 24 24">
      <path
        fill="currentColor"
        d="M3.5 12a2 2 0 1 1 4 0 2 2 0 0 1-4 0m6.5 0a2 2 0 1 1 4 0 2 2 0 0 1-4 0m6.5 0a2 2 0 1 1 4 0 2 2 0 0 1-4 0"
      />
    </symbol>
    <symbol id="icon-busy" viewBox="0 0 24 24">
      <circle class="line" cx="12" cy="12" r="9" opacity="0.25" />
      <path class="line" d="M12 3a9 9 0 0 1 9 9" />
    </symbol>
    <symbol id="icon-lost" viewBox="0 0 24 24">
      <path
        class="line"
        d="M3 3l18 18M8.5 5H14a2 2 0 0 1 2 2v3.5l5-3v9.5M16 16v1a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 1-1.7"
      />
    </symbol>
    <symbol id="icon-full" viewBox="0 0 24 24">
      <circle class="line" cx="9" cy="8" r="3.5" />
      <path
        class="line"
        d="M2.5 19.5a6.5 6.5 0 0 1 13 0M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.2a6.5 6.5 0 0 1 3.5 5.3"
      />
    </symbol>
    <symbol id="icon-alert" viewBox="0 0 24 24">
      <circle class="line" cx="12" cy="12" r="9" />
      <path class="line" d="M12 7.5v5.5M12 16.3v.2" />
    </symbol>
  </svg>
`

/** A page may permit only named policies (Trusted Types, Content-Security-Policy "trusted-types rpi-camera"). */
const { trustedTypes } = window
const policy = trustedTypes?.createPolicy('rpi-camera', { createHTML: (html) => html })

/** @param {string} html of this file */
function parse(html) {
  const template = document.createElement('template')
  template.innerHTML = /** @type {string} */ (policy?.createHTML(html) ?? html)
  return template
}

/** @type {HTMLTemplateElement | undefined} */
let parsedTile

export const cloneTile = () =>
  /** @type {DocumentFragment} */ ((parsedTile ??= parse(tile)).content.cloneNode(true))

export const cloneSymbols = () => parse(symbols).content
