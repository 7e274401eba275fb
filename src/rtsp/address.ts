/** What the address of a request names. */
export interface RtspAddress {
  camera: string
  /** The address of the camera, to which its control addresses are relative; ends with a slash. */
  base: string
  /** The stream of the camera that a control address names; undefined for the address of the camera. */
  track?: number
  /** `?token=`, for players that know no user names. */
  token: string | undefined
}

/** `rtsp://anna:secret@pi:8554/camera1/trackID=0?token=x`: host and port are the client's words, and go back to it only. */
const ADDRESS =
  /^rtsp:\/\/(?:[^/?#@]*@)?([\w.:[\]%-]{1,300})\/([\w-]{1,64})(?:\/(?:trackID=([01])\/?)?)?(?:\?(.*))?$/is

/** @returns undefined for an address that no camera can have. */
export function parseAddress(uri: string): RtspAddress | undefined {
  const [, authority, camera, named, query = ''] = ADDRESS.exec(uri) ?? []
  if (authority === undefined || camera === undefined) return undefined
  // Players append the control address behind the query.
  const [, words = '', appended] = /^(.*?)(?:\/(?:trackID=([01]))?\/?)?$/is.exec(query) ?? []
  const token = words
    .split('&', 8)
    .find((part) => part.startsWith('token='))
    ?.slice('token='.length)
  const track = named ?? appended
  return {
    camera,
    base: `rtsp://${authority}/${camera}/`,
    ...(track !== undefined && { track: Number(track) }),
    token,
  }
}
