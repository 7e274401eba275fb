import { inRtsp, inServer, inVideo, inWebrtc, NOT_NEEDED, type Answer, type Row } from './foreign-answer.js'
import { isOn, numberOf, portOf, textOf } from './foreign-values.js'

const SOUND = 'write [cameraN.audio] on a line of its own, and device = "auto" below it'
const RECORDING =
  'recording is not part of this program: a recorder can read the camera over WHEP (http://PI:8080/camera1/whep) or as MJPEG (/camera1/stream.mjpg)'
const RTSPS =
  'RTSP is not encrypted by this program: write port = 8554 in [rtsp], and use a VPN (docs/recorders.md)'
const RTSP_PORT = 8554
const OTHER_STREAMS =
  'HLS, RTMP and SRT are not part of this program: players read WHEP (http://PI:8080/camera1/whep) or MJPEG (/camera1/stream.mjpg)'
const TURN =
  'write turn-servers = ["turn:HOST:3478?transport=udp"] in [webrtc], with turn-secret, or with turn-username and turn-password'
const MOTION =
  'detecting motion is not part of this program: Frigate or motion can read the camera (docs/integrations.md)'
const PUSH =
  'to send a camera to another server, write [[camera1.push]] and url = the WHIP address of that server; without WHIP, let that server read http://PI:8080/camera1/whep'
const CHOSEN = 'the program chooses that: delete the line'

/** STUN and TURN servers in one list. */
function iceServers(value: unknown): Answer {
  const text = typeof value === 'string' ? value : JSON.stringify([value])
  const stun = /stun:(?:\/\/)?([a-z0-9.[\]-]+(?::\d{1,5})?)/i.exec(text)?.[1]
  if (stun === undefined) return /turns?:/i.test(text) ? TURN : NOT_NEEDED
  return inWebrtc('stun-server', `stun:${stun}`)
}

function listenAt(value: unknown): Answer {
  const port = portOf(value)
  const host = /^(\d+\.\d+\.\d+\.\d+)(?::|$)/.exec(textOf(value))?.[1]
  if (port === undefined && host === undefined) return 'write web-port = 8080 in [server]'
  return [
    ...(port === undefined || textOf(value) === host ? [] : inServer('web-port', port)),
    ...(host === undefined || host === '0.0.0.0' ? [] : inServer('bind-ip', host)),
  ]
}

/** Keys about addresses, access and what this program is not, in the same programs. */
export const SERVICE_ROWS: readonly Row[] = [
  [
    'sound microphone mic audiodevice alsadevice audiosource noaudio audiocodec audiobitrate samplerate audiosamplerate audioinput volume alsa',
    () => SOUND,
  ],
  [
    'record recording recordpath recordings recordformat recordsegmentduration recorddeleteafter recordpartduration recordmaxpartsize recordtype recordmode filevideo fileduration output outputdir outputfile targetdir movieoutput movieextension movietargetdir pictureoutput picturefilename moviefilename timelapse timelapseinterval snapshotinterval segment split circular savepts ffmpegoutputmovies ffmpegvideocodec jpegvideo playback',
    () => RECORDING,
  ],
  ['rtsp rtspserver enablertsp', (value) => (isOn(value) ? inRtsp('port', RTSP_PORT) : NOT_NEEDED)],
  // Some files have the port although the server is switched off.
  [
    'rtspport rtspaddress',
    (value) => `write port = ${portOf(value) ?? RTSP_PORT} in [rtsp] if recorders need it`,
  ],
  ['rtspsaddress rtspencryption rtspserverkey rtspservercert', (value) => (isOn(value) ? RTSPS : NOT_NEEDED)],
  [
    'protocols rtsptransports rtsptransport rtspauthmethods rtspanyport rtpaddress rtcpaddress',
    () => NOT_NEEDED,
  ],
  [
    'hls hlsaddress rtmp rtmpaddress srt srtaddress dash hlsalwaysremux hlsvariant hlssegmentcount hlssegmentduration moq mpegts',
    () => OTHER_STREAMS,
  ],
  ['turn turnserver turnurl turnurls turnuser turnpass turncredential relay', () => TURN],
  ['iceservers iceserver webrtciceservers webrtciceservers2 ice', iceServers],
  [
    'stun stunservers stunurl stunurls',
    (value) => {
      const host = textOf(value).replace(/^stuns?:(?:\/\/)?/i, '')
      return host === '' ? NOT_NEEDED : inWebrtc('stun-server', `stun:${host}`)
    },
  ],
  [
    'webrtcadditionalhosts publicip publicaddress externalip candidates nat1to1ip hostip webrtcicehostnat1to1ips',
    (value) =>
      inWebrtc('announce', [
        textOf(value)
          .replaceAll(/[[\]"'\s]/g, '')
          .split(',')
          .find((host) => host !== '' && !host.startsWith('stun')) ?? '203.0.113.7',
      ]),
  ],
  [
    'webrtclocaludpaddress webrtciceudpmuxaddress udpaddress mediaport rtpport icport iceudpport',
    (value) => inWebrtc('udp-port', portOf(value) ?? 8189),
  ],
  ['webrtclocaltcpaddress webrtcicetcpmuxaddress', () => 'this version has no ICE over TCP: delete the line'],
  [
    'webrtcipsfrominterfaces webrtcipsfrominterfaceslist webrtchandshaketimeout webrtctrackgathertimeout webrtcstungathertimeout',
    () => NOT_NEEDED,
  ],
  [
    'webrtc webrtcenabled enablewebrtc',
    (value) => (isOn(value) ? NOT_NEEDED : 'WebRTC is what this program is: it cannot be switched off'),
  ],
  [
    'webrtcaddress port listen httpport httplisten address streamport webcontrolport apiaddress listenport httpaddress addr httplistenport serverport webaddress bindport p',
    listenAt,
  ],
  [
    'host bind bindaddress bindhost listenip listenaddress httphost',
    (value) => inServer('bind-ip', /^\d+\.\d+\.\d+\.\d+$/.test(textOf(value)) ? textOf(value) : '::'),
  ],
  [
    'streamlocalhost webcontrollocalhost localhostonly',
    (value) => (isOn(value) ? inServer('bind-ip', '127.0.0.1') : NOT_NEEDED),
  ],
  [
    'maxreaders maxstreams streammaxclients maxusers',
    (value) =>
      (numberOf(value) ?? 0) < 1 ? NOT_NEEDED : inWebrtc('max-clients', Math.min(100, numberOf(value)!)),
  ],
  [
    'alloworigin webrtcalloworigin webrtcalloworigins corsorigin corsorigins cors origin httpalloworigin',
    (value) => inServer('allow-origins', [textOf(value) || '*']),
  ],
  [
    'webrtctrustedproxies trustproxy',
    () => 'write trusted-proxies = ["127.0.0.1"] in [server], with the addresses of the proxies',
  ],
  [
    'sslcert cert certfile servercert webrtcservercert tlscertificate certificate sslcertificate httpscert',
    (value) => inServer('tls-cert', textOf(value)),
  ],
  [
    'sslkey keyfile serverkey webrtcserverkey privatekey sslcertificatekey httpskey',
    (value) => inServer('tls-key', textOf(value)),
  ],
  [
    'encryption webrtcencryption https ssl tls usessl enablessl',
    () => 'write tls-cert and tls-key in [server]',
  ],
  // Values are passwords, so no message has them.
  [
    'user passwd pass auth authuser authpassword authusername webuser webpassword credentials readuser readpass publishuser publishpass authinternalusers authmethod streamauthentication webcontrolauthentication basicauth externalauthenticationurl',
    () => 'write username and password in [server]; "rpi-webrtc hash-password" prints the password line',
  ],
  [
    'loglevel verbose loglevels logdestinations logfile logpath syslog quiet silent logfolder deletelog nodebug',
    () => 'it is a flag of the command: --debug, and --log-format json; systemd keeps the log',
  ],
  ['enabled enable disabled active', () => 'a camera is switched off by deleting its table: delete the line'],
  [
    'motiondetection threshold motion noiselevel detect minimummotionframes eventgap lightswitch despeckle areadetect oneventstart oneventend',
    () => MOTION,
  ],
  [
    'publish mqtt mqtthost mqttport signaling signalling usewhep usemqtt usewebsocket websocket wsendpoint rtmpurl janus homekit',
    () => PUSH,
  ],
  [
    'readtimeout writetimeout writequeuesize readbuffercount udpmaxpayloadsize readbuffersize udpreadbuffersize runonconnect runoninit runonready runonread runondemand metrics metricsaddress pprof pprofaddress api apitrustedproxies daemon pidfile setupmode targetfps paused',
    () => CHOSEN,
  ],
  [
    'paths pathdefaults streams cameras all others',
    () =>
      'cameras are tables of this file: write [camera1] and device = with what "rpi-webrtc cameras" prints',
  ],
  ['hwenc usehw', () => inVideo('encoder', 'auto')],
]
