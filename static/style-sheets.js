// @ts-check
/** Loads style sheets that most viewers never need. */

/** @param {string[]} names of files @returns {Promise<void>} rejects if one cannot be loaded; the next call tries again */
export async function loadStyles(...names) {
  await Promise.all(names.map(load))
}

/** @param {string} name */
async function load(name) {
  const { href } = new URL(`assets/${name}`, window.boot.root)
  if (document.querySelector(`link[href="${href}"]`)) return
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = href
  await new Promise((resolve, reject) => {
    link.addEventListener('load', resolve, { once: true })
    link.addEventListener('error', () => reject(new Error(`${href} cannot be loaded`)), { once: true })
    document.head.append(link)
  }).catch((error) => {
    link.remove()
    throw error
  })
}
