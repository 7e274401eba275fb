"""GStreamer's webrtcbin as a WHIP client: gstreamer_whip.py URL TOKEN vp8|h264. Publishes until its input ends."""

import sys
import urllib.error
import urllib.parse
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

SOURCE = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=30/1 ! "
PUBLISHED = "webrtcbin name=peer bundle-policy=max-bundle"
# No keyframes but the first and those that are asked for.
CODECS = {
    "vp8": "vp8enc deadline=1 keyframe-max-dist=9999 ! rtpvp8pay mtu=1200 pt=96 picture-id-mode=15-bit ! "
    "application/x-rtp,media=video,encoding-name=VP8,payload=96",
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast threads=1 key-int-max=9999 ! "
    "video/x-h264,profile=constrained-baseline ! rtph264pay mtu=1200 config-interval=-1 pt=96 ! "
    "application/x-rtp,media=video,encoding-name=H264,payload=96",
}


class Publisher:
    def __init__(self, url, token, codec):
        self.url, self.token, self.session = url, token, None
        self.loop = GLib.MainLoop()
        self.pipeline = Gst.parse_launch(f"{SOURCE}{CODECS[codec]} ! {PUBLISHED}")
        self.peer = self.pipeline.get_by_name("peer")
        # As in gstreamer_whep.py.
        self.ice = self.peer.get_property("ice-agent")
        self.ice.emit("add-local-ip-address", "127.0.0.1")
        self.peer.connect("on-negotiation-needed", self.on_negotiation)
        self.peer.connect("notify::ice-gathering-state", self.on_gathering)
        transceiver = self.peer.emit("get-transceiver", 0)
        transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
        transceiver.set_property("do-nack", True)
        GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, self.on_input)

    def run(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        if self.session is not None:
            self.request(self.session, "DELETE")
        self.pipeline.set_state(Gst.State.NULL)

    def on_input(self, _source, _condition):
        self.loop.quit()
        return False

    def on_negotiation(self, _peer):
        self.peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self.on_offer))

    def on_offer(self, promise):
        reply = promise.get_reply()  # owns the offer: it has to live as long
        self.peer.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def on_gathering(self, peer, _property):
        if peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            GLib.idle_add(self.post)

    def request(self, url, method, body=None):
        headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(url, body, headers, method=method)
        return urllib.request.urlopen(request, timeout=5)

    def post(self):
        sdp = self.peer.get_property("local-description").sdp.as_text()
        try:
            with self.request(self.url, "POST", sdp.encode()) as response:
                self.session = urllib.parse.urljoin(self.url, response.headers["Location"])
                answer = response.read()
        except urllib.error.HTTPError as error:
            sys.exit(f"{error.code} {error.read().decode()}")
        _, message = GstSdp.SDPMessage.new()
        GstSdp.sdp_message_parse_buffer(answer, message)
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.peer.emit("set-remote-description", description, Gst.Promise.new())


Gst.init(None)
Publisher(*sys.argv[1:4]).run()
