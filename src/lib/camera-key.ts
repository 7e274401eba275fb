/** Whether a name is the key of a camera: its table in the configuration and the start of its addresses. */
export const isCameraKey = (name: string): boolean => /^camera[1-9]\d?$/.test(name)

/** The parameter `camera` of a route. It matches any number, so that `/camera100/` gets 404 `no-such-camera`. */
export const CAMERA_PARAMETER = ':camera{camera[0-9]+}'
