// @ts-check
/** Copies the text of a field, or at least selects it. */

/** @param {HTMLInputElement} field */
export const copyFrom = async (field) => (await copyWithPermission(field.value)) || copySelection(field)

/** Only https pages and localhost have this API, and frames only with permission. @param {string} text */
async function copyWithPermission(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** For http pages. If this fails too, the text stays selected to be copied by hand. @param {HTMLInputElement} field */
function copySelection(field) {
  field.focus({ preventScroll: true })
  field.select()
  field.setSelectionRange(0, field.value.length) // iOS ignores select()
  try {
    return document.execCommand('copy')
  } catch {
    return false
  }
}
