/** What the address of a request names. */
export interface RtspAddress {
  camera: string
  /** The address of the camera, to which its control addresses are relative; ends with a slash. */
  base: string
  /** `?token=`, for players that know no user names. */
  token: string | undefined
}

/** `rtsp://anna:secret@pi:8554/camera1/trackID=0?token=x`: host and port are the client's words, and go back to it only. */
const ADDRESS =
  /^rtsp:\/\/(?:[^/?#@]*@)?([\w.:[\]%-]{1,300})\/([\w-]{1,64})(?:\/(?:trackID=0\/?)?)?(?:\?(.*))?$/is

/** @returns undefined for an address that no camera can have. */
export function parseAddress(uri: string): RtspAddress | undefined {
  const [, authority, camera, query = ''] = ADDRESS.exec(uri) ?? []
  if (authority === undefined || camera === undefined) return undefined
  const token = query
    .split('&', 8)
    .find((part) => part.startsWith('token='))
    ?.slice('token='.length)
    // Players append the control address behind the query.
    .replace(/\/(?:trackID=0)?\/?$/, '')
  return { camera, base: `rtsp://${authority}/${camera}/`, token }
}
