/** Writing to the page only what differs: a status that is written again is spoken again. */

export const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text
}

export const use = (element, name) => {
  const href = `#icon-${name}`
  if (element.getAttribute('href') !== href) element.setAttribute('href', href)
}

export const icon = (button, name) => use(button.querySelector('use'), name)

export const label = (element, text) => {
  if (element.title === text) return
  element.title = text
  element.setAttribute('aria-label', text)
}
