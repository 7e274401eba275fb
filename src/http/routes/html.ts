import { createHash } from 'node:crypto'
import type { PageWords } from './page-words.js'

/** Text for an element or an attribute in double quotes. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (char) => `&#${char.codePointAt(0)!};`)

const STYLE =
  ':root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif;background:#f3f4f1;color:#1b2023;--link:#1652b0}' +
  '@media (prefers-color-scheme:dark){:root{background:#0f1213;color:#eef0ed;--link:#8cc2ff}}' +
  'body{max-width:60rem;margin:0 auto;padding:1.5rem 1rem;overflow-wrap:break-word}a{color:var(--link)}' +
  'h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.125rem;margin:1.5rem 0 .5rem}h3{margin-bottom:0}p{margin:.25rem 0}' +
  'code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.5rem;border:1px solid #8886;border-radius:.25rem}' +
  '.links{list-style:none;margin:0;padding:0}.links a{display:inline-block;padding:.5rem 0}'

/** A sentence in HTML. @param parts HTML in place of its parameters. */
export function sentence(
  words: PageWords,
  key: string,
  parts: Readonly<Record<string, string>> = {},
): string {
  const kept = Object.fromEntries(Object.keys(parts).map((name) => [name, `{${name}}`]))
  return escapeHtml(words.text(key, kept)).replaceAll(/\{(\w+)\}/g, (_, name: string) => parts[name] ?? '')
}

/** A command or a name, which is read from left to right in every language. */
export const code = (text: string): string => `<code dir="ltr">${escapeHtml(text)}</code>`

/** For a text of the server, which is English. */
export const englishIn = ({ language }: Pick<PageWords, 'language'>): string =>
  language === 'en' ? '' : ' lang="en" dir="ltr"'

/** Nothing is loaded and no script runs. Any site may embed the page, as the others. */
export const PLAIN_PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`

/** A page of text. @param body HTML. @param in that of the text. */
export const plainPage = (
  title: string,
  body: string,
  { language, direction }: Pick<PageWords, 'language' | 'direction'> = { language: 'en', direction: 'ltr' },
): string =>
  `<!doctype html>\n<html lang="${language}" dir="${direction}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
  `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main>\n${body}\n</main></body></html>\n`

export const PLAIN_PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': PLAIN_PAGE_POLICY,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}
