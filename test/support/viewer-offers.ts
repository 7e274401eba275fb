/** Offers as the clients write them, in their order and with their habits, cut where lines only repeat. */

const lines = (text: string): string => `${text.trim().split('\n').join('\r\n')}\r\n`

export const FINGERPRINT = Array.from({ length: 32 }, (_, i) => (i + 16).toString(16).toUpperCase()).join(':')

const chromeTransport = `a=ice-ufrag:4ZcD
a=ice-pwd:2/1muCWoOi3uLifh0NuRHlTw
a=ice-options:trickle
a=fingerprint:sha-256 ${FINGERPRINT}
a=setup:actpass`

const feedback = (payloadType: number): string => `a=rtcp-fb:${payloadType} goog-remb
a=rtcp-fb:${payloadType} transport-cc
a=rtcp-fb:${payloadType} ccm fir
a=rtcp-fb:${payloadType} nack
a=rtcp-fb:${payloadType} nack pli`

const chromeH264 = (
  payloadType: number,
  mode: 0 | 1,
  profile: string,
): string => `a=rtpmap:${payloadType} H264/90000
${feedback(payloadType)}
a=fmtp:${payloadType} level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}
a=rtpmap:${payloadType + 1} rtx/90000
a=fmtp:${payloadType + 1} apt=${payloadType}`

/** Chrome 130, audio and video recvonly and a data channel. */
export const chrome = lines(`v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=extmap-allow-mixed
a=msid-semantic: WMS
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
${chromeTransport}
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=recvonly
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 104 105 106 107 108 109 127 125 39 40 98 99 112 113 114 115 116
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
${chromeTransport}
a=mid:1
a=extmap:14 urn:ietf:params:rtp-hdrext:toffset
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=recvonly
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 VP8/90000
${feedback(96)}
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
${chromeH264(102, 1, '42001f')}
${chromeH264(104, 0, '42001f')}
${chromeH264(106, 1, '42e01f')}
${chromeH264(108, 0, '42e01f')}
a=rtpmap:127 H264/90000
${feedback(127)}
a=fmtp:127 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f
a=rtpmap:125 rtx/90000
a=fmtp:125 apt=127
${chromeH264(39, 0, '4d001f')}
a=rtpmap:98 VP9/90000
${feedback(98)}
a=fmtp:98 profile-id=0
a=rtpmap:99 rtx/90000
a=fmtp:99 apt=98
${chromeH264(112, 1, '64001f')}
a=rtpmap:114 red/90000
a=rtpmap:115 rtx/90000
a=fmtp:115 apt=114
a=rtpmap:116 ulpfec/90000
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
${chromeTransport}
a=mid:2
a=sctp-port:5000
a=max-message-size:262144
`)

/** Firefox 132, video recvonly: session-level fingerprint, a wildcard-free feedback list, bundle of one. */
export const firefox = lines(`v=0
o=mozilla...THIS_IS_SDPARTA-99.0 5034875204711387110 0 IN IP4 0.0.0.0
s=-
t=0 0
a=fingerprint:sha-256 ${FINGERPRINT}
a=group:BUNDLE 0
a=ice-options:trickle
a=msid-semantic:WMS *
m=video 9 UDP/TLS/RTP/SAVPF 120 124 126 127 97 98
c=IN IP4 0.0.0.0
a=recvonly
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
a=fmtp:126 profile-level-id=42e01f;level-asymmetry-allowed=1;packetization-mode=1
a=fmtp:97 profile-level-id=42e01f;level-asymmetry-allowed=1
a=fmtp:120 max-fs=12288;max-fr=60
a=fmtp:124 apt=120
a=fmtp:127 apt=126
a=fmtp:98 apt=97
a=ice-pwd:cd1c6c5e1f6aa0e3e1ac0ff6c3f6ae5b
a=ice-ufrag:12345678
a=mid:0
a=rtcp-fb:120 nack
a=rtcp-fb:120 nack pli
a=rtcp-fb:120 ccm fir
a=rtcp-fb:126 nack pli
a=rtcp-fb:126 ccm fir
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:120 VP8/90000
a=rtpmap:124 rtx/90000
a=rtpmap:126 H264/90000
a=rtpmap:127 rtx/90000
a=rtpmap:97 H264/90000
a=rtpmap:98 rtx/90000
a=setup:actpass
a=ssrc:4087142017 cname:{c3d8a0ab-1d04-4f1c-8d07-8b9c1b8e5c61}
`)

/** Safari 17, video recvonly: high profile first, constrained baseline second. */
export const safari = lines(`v=0
o=- 6432892039813373741 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100 101
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
${chromeTransport}
a=mid:0
a=recvonly
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 H264/90000
${feedback(96)}
a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:98 H264/90000
${feedback(98)}
a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:99 rtx/90000
a=fmtp:99 apt=98
a=rtpmap:100 VP8/90000
${feedback(100)}
a=rtpmap:101 rtx/90000
a=fmtp:101 apt=100
`)

/** GStreamer's webrtcbin: no bundle of its own accord, sendrecv unless told, candidates in the offer, wildcard feedback. */
export const webrtcbin = lines(`v=0
o=- 2873473982 0 IN IP4 0.0.0.0
s=-
t=0 0
a=ice-options:trickle
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=setup:actpass
a=ice-ufrag:Wq+sJLbQ8kFZ3e8Yq1mz6sYzVx8L3PzF
a=ice-pwd:wO3NfT7nHhmTtXCBFmF0a5fVXkqMmHOK
a=rtcp-mux
a=rtcp-rsize
a=sendrecv
a=rtpmap:96 H264/90000
a=rtcp-fb:* nack pli
a=rtcp-fb:96 ccm fir
a=fmtp:96 packetization-mode=1;profile-level-id=42e01f
a=mid:video0
a=fingerprint:sha-256 ${FINGERPRINT}
a=candidate:1 1 UDP 2015363327 192.168.1.20 40000 typ host
a=candidate:2 1 TCP 1015021823 192.168.1.20 9 typ host tcptype active
a=candidate:3 1 UDP 1679819007 203.0.113.5 40001 typ srflx raddr 192.168.1.20 rport 40000
a=end-of-candidates
`)

/** aiortc: audio first, three fingerprints of one certificate. */
export const aiortc = lines(`v=0
o=- 3914000000 3914000000 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0 1
a=msid-semantic:WMS *
m=audio 41000 UDP/TLS/RTP/SAVPF 96 0 8
c=IN IP4 192.168.1.21
a=sendrecv
a=mid:0
a=msid:9b2c 7a41
a=rtcp:9 IN IP4 0.0.0.0
a=rtcp-mux
a=ssrc:1234 cname:x
a=rtpmap:96 opus/48000/2
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=candidate:1 1 udp 2130706431 192.168.1.21 41000 typ host
a=end-of-candidates
a=ice-ufrag:aB3d
a=ice-pwd:XbQ2h2aRPbJ2bqN8kN1rYv
a=fingerprint:sha-256 ${FINGERPRINT}
a=fingerprint:sha-384 ${FINGERPRINT}:00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F
a=fingerprint:sha-512 ${FINGERPRINT}:${FINGERPRINT}
a=setup:actpass
m=video 41000 UDP/TLS/RTP/SAVPF 97 98 99 100 101 102
c=IN IP4 192.168.1.21
a=sendrecv
a=mid:1
a=rtcp:9 IN IP4 0.0.0.0
a=rtcp-mux
a=rtpmap:97 VP8/90000
a=rtcp-fb:97 nack
a=rtcp-fb:97 nack pli
a=rtcp-fb:97 goog-remb
a=rtpmap:98 rtx/90000
a=fmtp:98 apt=97
a=rtpmap:99 H264/90000
a=rtcp-fb:99 nack pli
a=fmtp:99 packetization-mode=1;level-asymmetry-allowed=1;profile-level-id=42001f
a=rtpmap:100 rtx/90000
a=fmtp:100 apt=99
a=rtpmap:101 H264/90000
a=rtcp-fb:101 nack pli
a=fmtp:101 packetization-mode=1;level-asymmetry-allowed=1;profile-level-id=42e01f
a=rtpmap:102 rtx/90000
a=fmtp:102 apt=101
a=ice-ufrag:aB3d
a=ice-pwd:XbQ2h2aRPbJ2bqN8kN1rYv
a=fingerprint:sha-256 ${FINGERPRINT}
a=setup:actpass
`)

/** go2rtc (Pion): session-level fingerprint, video recvonly after audio. */
export const go2rtc = lines(`v=0
o=- 7324 1712 IN IP4 0.0.0.0
s=-
t=0 0
a=msid-semantic:WMS*
a=fingerprint:sha-256 ${FINGERPRINT}
a=extmap-allow-mixed
a=group:BUNDLE 0 1
m=audio 9 UDP/TLS/RTP/SAVPF 101 0 8
c=IN IP4 0.0.0.0
a=setup:actpass
a=mid:0
a=ice-ufrag:TmSLTRVEJAMNqBjK
a=ice-pwd:RDPDYiFJkUcVSbRgnUQMNBcQcBXVxVOn
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:101 opus/48000/2
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=recvonly
m=video 9 UDP/TLS/RTP/SAVPF 97 98 99
c=IN IP4 0.0.0.0
a=setup:actpass
a=mid:1
a=ice-ufrag:TmSLTRVEJAMNqBjK
a=ice-pwd:RDPDYiFJkUcVSbRgnUQMNBcQcBXVxVOn
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:97 H264/90000
a=fmtp:97 packetization-mode=1;profile-level-id=42e01f
a=rtpmap:98 H265/90000
a=rtpmap:99 VP8/90000
a=rtcp-fb:99 nack pli
a=recvonly
`)

/** RFC 8843: the second section carries no transport of its own and exists only within the bundle. */
export const bundleOnly = chrome
  .replace('m=video 9 ', 'm=video 0 ')
  .replace(/(m=video[\s\S]*?)a=ice-ufrag[\s\S]*?a=setup:actpass\r\n/, '$1a=bundle-only\r\n')

/** Everything of the transport said once, for the whole session. */
export const sessionLevel = lines(`v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
t=0 0
a=ice-ufrag:4ZcD
a=ice-pwd:2/1muCWoOi3uLifh0NuRHlTw
a=fingerprint:sha-256 ${FINGERPRINT}
a=setup:active
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=recvonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
`)

export const noBundle = chrome.replace(/a=group:BUNDLE.*\r\n/, '')
export const offers = {
  chrome,
  firefox,
  safari,
  webrtcbin,
  aiortc,
  go2rtc,
  bundleOnly,
  sessionLevel,
  noBundle,
}
