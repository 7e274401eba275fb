/** The tables of two test cameras; `$PORT1`, `$PORT2` and `$UDP` are filled in by `startProgram`. */
export const twoTestCameras = (codec: string, video = ''): string => `
[camera1]
device = "test:smpte"
webrtc-port = $PORT1
[camera2]
device = "test:smpte"
webrtc-port = $PORT2
[video]
codec = "${codec}"
${video}
[webrtc]
udp-port = $UDP
`
