"""A v4l2h264enc for machines without the Raspberry Pi's encoder: x264enc with the pads and controls of the real one.

STANDIN_IGNORE_PLI=1 drops requests for a keyframe, as the real element does before GStreamer 1.22.4.
STANDIN_REFUSE=encoder makes its device busy; STANDIN_REFUSE=dmabuf-import makes it refuse frames that it is to import.
STANDIN_LOG=1 writes the extra-controls it was given to stderr.
"""

import os
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, GObject, Gst  # noqa: E402

# The bindings hand over pad templates that are no longer floating; GStreamer complains, and takes them all the same.
GLib.log_set_handler("GStreamer", GLib.LogLevelFlags.LEVEL_CRITICAL, lambda *_: None, None)

REFUSED = os.environ.get("STANDIN_REFUSE", "").split(";")

LEVELS = ["1", "1b", "1.1", "1.2", "1.3", "2", "2.1", "2.2", "3", "3.1", "3.2", "4", "4.1", "4.2"]
SINK_CAPS = "video/x-raw,format={I420,NV12,NV21,YV12,RGB,BGR,BGRx,YUY2,UYVY},width=[32,1920],height=[32,1920]"
# Levels are strings here as in the real element: level=4 without (string) must fail to link.
SRC_CAPS = (
    "video/x-h264,stream-format=byte-stream,alignment=au,"
    f"level={{{','.join('(string)' + level for level in LEVELS)}}},"
    "profile={baseline,constrained-baseline,main,high}"
)


def drop_keyframe_requests(_pad, info):
    structure = info.get_event().get_structure()
    asked = structure is not None and structure.get_name() == "GstForceKeyUnit"
    return Gst.PadProbeReturn.DROP if asked else Gst.PadProbeReturn.OK


class V4l2H264Enc(Gst.Bin):
    __gstmetadata__ = ("v4l2h264enc stand-in", "Codec/Encoder/Video/Hardware", "x264 behind v4l2h264enc's name", "tests")
    __gsttemplates__ = (
        Gst.PadTemplate.new("sink", Gst.PadDirection.SINK, Gst.PadPresence.ALWAYS, Gst.Caps.from_string(SINK_CAPS)),
        Gst.PadTemplate.new("src", Gst.PadDirection.SRC, Gst.PadPresence.ALWAYS, Gst.Caps.from_string(SRC_CAPS)),
    )

    extra_controls = GObject.Property(type=Gst.Structure, nick="extra-controls")
    output_io_mode = GObject.Property(type=str, default="auto", nick="output-io-mode")

    def __init__(self):
        super().__init__()
        convert = Gst.ElementFactory.make("videoconvert")
        self._encoder = Gst.ElementFactory.make("x264enc")
        Gst.util_set_object_arg(self._encoder, "tune", "zerolatency")
        Gst.util_set_object_arg(self._encoder, "speed-preset", "ultrafast")
        self._encoder.set_property("threads", 1)  # one slice a picture, as the hardware makes them
        self._encoder.set_property("bitrate", 10_000)  # the driver's defaults
        self._encoder.set_property("key-int-max", 60)
        for element in (convert, self._encoder):
            self.add(element)
        convert.link(self._encoder)
        for name, element in (("sink", convert), ("src", self._encoder)):
            pad = Gst.GhostPad.new_from_template(name, element.get_static_pad(name), self.get_pad_template(name))
            if name == "src" and os.environ.get("STANDIN_IGNORE_PLI") == "1":
                pad.add_probe(Gst.PadProbeType.EVENT_UPSTREAM, drop_keyframe_requests)
            self.add_pad(pad)

    def do_change_state(self, transition):
        if transition == Gst.StateChange.NULL_TO_READY and self.extra_controls is not None:
            self._take(self.extra_controls)
        if transition == Gst.StateChange.NULL_TO_READY and "encoder" in REFUSED:
            return self._fail(Gst.ResourceError.BUSY, "Device '/dev/video11' is busy")
        if transition == Gst.StateChange.READY_TO_PAUSED and "dmabuf-import" in REFUSED:
            if self.output_io_mode == "dmabuf-import":
                return self._fail(Gst.ResourceError.NO_SPACE_LEFT, "Failed to allocate required memory.")
        return Gst.Bin.do_change_state(self, transition)

    def _fail(self, code, text):
        error = GLib.Error.new_literal(Gst.ResourceError.quark(), text, int(code))
        self.post_message(Gst.Message.new_error(self, error, "standin_v4l2h264enc.py"))
        return Gst.StateChangeReturn.FAILURE

    def _take(self, controls):
        if os.environ.get("STANDIN_LOG") == "1":
            sys.stderr.write(f"v4l2h264enc stand-in: {controls.to_string()}\n")
        given, bitrate = controls.get_int("video_bitrate")
        if given:
            self._encoder.set_property("bitrate", max(1, bitrate // 1000))
        given, period = controls.get_int("h264_i_frame_period")
        if given:
            self._encoder.set_property("key-int-max", period)


GObject.type_register(V4l2H264Enc)
__gstelementfactory__ = ("v4l2h264enc", Gst.Rank.PRIMARY + 1, V4l2H264Enc)
