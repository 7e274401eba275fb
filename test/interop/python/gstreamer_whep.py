"""GStreamer's webrtcbin as a WHEP client: gstreamer_whep.py URL vp8|h264 FRAMES [SOUND_FRAMES]. Prints what it decoded as JSON."""

import array
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

LIMIT_S = 20
FRAME_S = 0.02
CAPS = "application/x-rtp,media=video,clock-rate=90000,payload=96,encoding-name="
CODECS = {
    "vp8": CAPS + "VP8",
    "h264": CAPS + "H264,packetization-mode=(string)1,profile-level-id=(string)42e01f",
}
OPUS = "application/x-rtp,media=audio,clock-rate=48000,payload=111,encoding-name=OPUS"


def delete(session):
    try:
        urllib.request.urlopen(urllib.request.Request(session, method="DELETE"), timeout=5)
    except urllib.error.HTTPError:
        pass  # it is over already: the frames that are missing say why it matters


class Client:
    def __init__(self, url, codec, frames, sound_frames):
        self.url, self.wanted, self.sound_wanted = url, frames, sound_frames
        self.result = {"frames": 0, "sound": 0, "gaps": 0, "loudest": 0}
        self.sound_end = None
        self.session = None
        self.loop = GLib.MainLoop()
        self.pipeline = Gst.Pipeline.new()
        self.peer = Gst.ElementFactory.make("webrtcbin")
        self.peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        # libnice ties its sockets to the interface of their address, and the server is on the loopback one. The agent is kept:
        # GStreamer 1.22 hands it out without a reference of its own.
        self.ice = self.peer.get_property("ice-agent")
        self.ice.emit("add-local-ip-address", "127.0.0.1")
        self.pipeline.add(self.peer)
        self.peer.connect("pad-added", self.on_pad)
        self.peer.connect("notify::ice-gathering-state", self.on_gathering)
        recvonly = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
        self.peer.emit("add-transceiver", recvonly, Gst.Caps.from_string(CODECS[codec]))
        if sound_frames > 0:
            self.peer.emit("add-transceiver", recvonly, Gst.Caps.from_string(OPUS))
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", lambda _bus, message: self.fail(message.parse_error()[0].message))

    def run(self):
        GLib.timeout_add_seconds(LIMIT_S + int(self.sound_wanted * FRAME_S), lambda: self.loop.quit())
        self.pipeline.set_state(Gst.State.PLAYING)
        self.peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self.on_offer))
        self.loop.run()
        if self.session is not None:
            delete(self.session)
        self.pipeline.set_state(Gst.State.NULL)
        return self.result

    def fail(self, message):
        self.result["failed"] = message
        self.loop.quit()

    def on_offer(self, promise):
        reply = promise.get_reply()  # owns the offer: it has to live as long
        offer = reply.get_value("offer")
        self.peer.emit("set-local-description", offer, Gst.Promise.new())

    def on_gathering(self, peer, _property):
        if peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            GLib.idle_add(self.post)

    def post(self):
        sdp = self.peer.get_property("local-description").sdp.as_text()
        request = urllib.request.Request(self.url, sdp.encode(), {"Content-Type": "application/sdp"})
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                self.session = urllib.parse.urljoin(self.url, response.headers["Location"])
                answer = response.read()
        except urllib.error.HTTPError as error:
            return self.fail(f"{error.code} {error.read().decode()}")
        _, message = GstSdp.SDPMessage.new()
        GstSdp.sdp_message_parse_buffer(answer, message)
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.peer.emit("set-remote-description", description, Gst.Promise.new())

    def on_pad(self, _peer, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        decode = Gst.ElementFactory.make("decodebin")
        decode.connect("pad-added", self.on_decoded)
        self.pipeline.add(decode)
        decode.sync_state_with_parent()
        pad.link(decode.get_static_pad("sink"))

    def on_decoded(self, _decode, pad):
        sink = Gst.ElementFactory.make("fakesink")
        sink.set_property("signal-handoffs", True)
        sink.set_property("sync", False)
        sink.connect("handoff", self.on_frame)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def on_frame(self, _sink, buffer, pad):
        shape = pad.get_current_caps().get_structure(0)
        if shape.get_name().startswith("audio/"):
            self.on_sound(buffer)
        else:
            self.result["frames"] += 1
            self.result["size"] = f"{shape.get_value('width')}x{shape.get_value('height')}"
        if self.result["frames"] >= self.wanted and self.result["sound"] >= self.sound_wanted:
            GLib.idle_add(self.loop.quit)

    def on_sound(self, buffer):
        self.result["sound"] += 1
        # The first sender reports move it back once, to be in time with the picture: nothing is missing then.
        if self.sound_end is not None and buffer.pts - self.sound_end > Gst.MSECOND:
            self.result["gaps"] += 1
        self.sound_end = buffer.pts + buffer.duration
        samples = array.array("h", buffer.extract_dup(0, buffer.get_size()))
        self.result["loudest"] = max(self.result["loudest"], max(abs(sample) for sample in samples))


def main():
    Gst.init(None)
    sound_frames = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    print(json.dumps(Client(sys.argv[1], sys.argv[2], int(sys.argv[3]), sound_frames).run()))


main()
