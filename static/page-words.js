// @ts-check
/** The words of this page. choices.js has set its language, before anything was shown. */

import { languageFor, Words } from './words.js'

const retryMs = 1000

export const words = new Words(languageFor([globalThis.document?.documentElement.lang]))

/** Resolves when there are words: a page without them is of no use. @param {Parameters<Words['load']>} part */
export async function loadWords(...part) {
  for (;;) {
    try {
      return await words.load(...part)
    } catch (error) {
      console.warn(error)
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
}

if (globalThis.document) document.documentElement.lang = words.language
