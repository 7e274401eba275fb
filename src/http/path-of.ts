/**
 * The path of a request, decoded except for reserved characters and `%`, which Hono decodes in parameters. If one escape is wrong, none
 * is decoded: no route matches then. Hono's own reader throws and catches an error for each wrong escape, 20 to 40 ms for 16 kB.
 */
export const pathOf = ({ url }: { url: string }): string => withoutExtraSlashes(decodedPath(url))

function decodedPath(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  const end = url.slice(start).search(/[?#]/)
  const path = end === -1 ? url.slice(start) : url.slice(start, start + end)
  if (!path.includes('%')) return path
  try {
    return decodeURI(path.replaceAll('%25', '%2525'))
  } catch {
    return path.replaceAll('%', '%25')
  }
}

/** Of WHEP and WHIP, `//camera1/whep/` and MediaMTX's order `/whep/camera1` are accepted: clients build addresses in many ways. */
function withoutExtraSlashes(path: string): string {
  if (!path.includes('whep') && !path.includes('whip')) return path
  const [, camera, protocol, session] = /^\/+([^/]+)\/+(whep|whip)(?:\/+([^/]+))?\/*$/.exec(path) ?? []
  if (camera !== undefined) return `/${camera}/${protocol!}${session === undefined ? '' : `/${session}`}`
  const [, first, other] = /^\/+(whep|whip)\/+(camera\d+)\/*$/.exec(path) ?? []
  return other === undefined ? path : `/${other}/${first!}`
}
