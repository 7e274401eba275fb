"""standinh264camera, in place of v4l2src: a USB camera with an H.264 encoder, which is a test picture and x264enc.

STANDIN_H264 is the middle of its pipeline, from raw video to H.264. The default is what such cameras usually send: SPS and PPS once a
keyframe, no B-frames, a keyframe each second. Like v4l2src, it does not obey requests for keyframes.
"""

import os

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, GObject, Gst  # noqa: E402

# The bindings hand over pad templates that are no longer floating; GStreamer complains, and takes them all the same.
GLib.log_set_handler("GStreamer", GLib.LogLevelFlags.LEVEL_CRITICAL, lambda *_: None, None)

CAPS = "video/x-h264,stream-format=byte-stream,alignment=au,width=640,height=480,framerate=30/1"
ENCODER = os.environ.get(
    "STANDIN_H264", "x264enc tune=zerolatency speed-preset=ultrafast threads=1 key-int-max=30 bitrate=1000"
)


def drop_events(_pad, info):
    structure = info.get_event().get_structure()
    asked = structure is not None and structure.get_name() == "GstForceKeyUnit"
    return Gst.PadProbeReturn.DROP if asked else Gst.PadProbeReturn.OK


class H264Camera(Gst.Bin):
    __gstmetadata__ = ("H.264 camera stand-in", "Source/Video", "An H.264 camera", "tests")
    __gsttemplates__ = Gst.PadTemplate.new(
        "src", Gst.PadDirection.SRC, Gst.PadPresence.ALWAYS, Gst.Caps.from_string(CAPS)
    )

    device = GObject.Property(type=str, default=None, nick="device")

    def __init__(self):
        super().__init__()
        inner = Gst.parse_bin_from_description(
            f"videotestsrc is-live=true ! video/x-raw,width=640,height=480,framerate=30/1 ! identity ! {ENCODER} ! "
            'capsfilter caps="video/x-h264,stream-format=byte-stream,alignment=au"',
            True,
        )
        self.add(inner)
        pad = Gst.GhostPad.new_from_template("src", inner.get_static_pad("src"), self.get_pad_template("src"))
        pad.add_probe(Gst.PadProbeType.EVENT_UPSTREAM, drop_events)
        self.add_pad(pad)


GObject.type_register(H264Camera)
__gstelementfactory__ = ("standinh264camera", Gst.Rank.PRIMARY + 1, H264Camera)
