// @ts-check
/** What the form to sign in does beyond HTML. It works without. Inlined into the page. */

;(() => {
  const main = document.querySelector('main')
  const form = document.forms.namedItem('form')
  if (!main || !form) return
  const { place, root } = main.dataset

  // At https://home.example/cams the addresses of the page would lack the prefix.
  if (place === 'home' && !location.pathname.endsWith('/'))
    return location.replace(`${location.pathname}/${location.search}${location.hash}`)

  // Browsers do not send the fragment, which may have the choice of a camera.
  form.addEventListener('submit', () => {
    const to = form.elements.namedItem('to')
    if (to instanceof HTMLInputElement && place !== 'own' && location.hash) to.value += location.hash
  })
  window.addEventListener('pageshow', returnIfSignedIn)
  window.addEventListener('focus', returnIfSignedIn)
  showSecret()
  announceEndOfWait()
  if (window.top !== window) leaveFrame(form)

  /** A link of another site, or another tab: the browser has a cookie that came without this request. */
  async function returnIfSignedIn() {
    if (place === 'own') return
    try {
      const response = await fetch(`${root}health`, { cache: 'no-store' })
      const health = await response.json()
      if (health.version !== undefined) location.reload()
    } catch {
      // the server is away
    }
  }

  /** A page around this one could lead clicks astray, so the form is on a page of its own. @param {HTMLFormElement} form */
  function leaveFrame(form) {
    form.hidden = true
    const framed = document.getElementById('framed')
    framed?.toggleAttribute('hidden', false)
    framed?.addEventListener('click', () => setInterval(() => document.hidden || returnIfSignedIn(), 2000), {
      once: true,
    })
  }

  function showSecret() {
    const secret = document.getElementById('secret')
    const show = document.getElementById('show')
    if (!(secret instanceof HTMLInputElement) || !show) return
    show.hidden = false
    show.addEventListener('click', () => {
      const isShown = secret.type === 'text'
      secret.type = isShown ? 'password' : 'text'
      show.setAttribute('aria-pressed', String(!isShown))
      secret.focus()
    })
    // Browsers offer to store what a field of the type password has.
    form?.addEventListener('submit', () => (secret.type = 'password'))
  }

  function announceEndOfWait() {
    const problem = document.getElementById('problem')
    const { wait, after = '' } = problem?.dataset ?? {}
    if (problem && wait) setTimeout(() => (problem.textContent = after), Number(wait) * 1000)
  }
})()
