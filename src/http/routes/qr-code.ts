import { encode } from 'uqr'

/** Quiet zone around it, in modules (ISO/IEC 18004). */
const QUIET_ZONE = 4

/** A QR code as an inline SVG without styles, black on white on any background. @param label what it leads to. */
export function qrCode(text: string, label: string): string {
  const { data, size } = encode(text, { border: QUIET_ZONE })
  const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return (
    `<svg role="img" aria-label="${label}" width="12rem" height="12rem" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`
  )
}
