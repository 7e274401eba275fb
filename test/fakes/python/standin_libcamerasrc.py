"""A libcamerasrc for machines without a camera: videotestsrc with the pads, properties and errors of the real one.

  apt install gstreamer1.0-python3-plugin-loader gir1.2-gst-plugins-base-1.0
  GST_PLUGIN_PATH=test/fakes GST_REGISTRY=/tmp/standin.bin gst-launch-1.0 libcamerasrc ! ...

STANDIN_GREY_CLOCK=1 makes a grey picture whose brightness tells when it was made: see grey_of_now.
STANDIN_CAMERAS names the cameras that "exist", parted by ";"; empty means that none is connected.
STANDIN_CLOCK=1 writes into every picture when it was taken, so that whoever sees it knows its age: along the lower edge, four
blocks black and white in turn, then the milliseconds of CLOCK_MONOTONIC as 32 blocks, the highest bit first, white is 1.
One element per file: the plugin loader of GStreamer 1.22 takes no more.
"""

import os
import time

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, GObject, Gst  # noqa: E402

# The bindings hand over pad templates that are no longer floating; GStreamer complains, and takes them all the same.
GLib.log_set_handler("GStreamer", GLib.LogLevelFlags.LEVEL_CRITICAL, lambda *_: None, None)

CAMERAS = [name for name in os.environ.get("STANDIN_CAMERAS", "/base/soc/i2c0mux/i2c@1/imx219@10").split(";") if name]
CAPS = (
    "video/x-raw,format={NV12,I420,YUY2,RGB,BGR},width=[32,4608],height=[32,2592],"
    "framerate=[0/1,240/1],interlace-mode=progressive"
)

BLOCK_PIXELS = 16  # as large as what encoders move as one, and so kept by every one of them


def write_clock(_pad, _info, mark):
    mark.set_property("pattern-data", time.monotonic_ns() // 1_000_000 & 0xFFFFFFFF)
    return Gst.PadProbeReturn.OK


def make_clock():
    mark = Gst.ElementFactory.make("simplevideomark")
    for name in ("pattern-width", "pattern-height"):
        mark.set_property(name, BLOCK_PIXELS)
    mark.set_property("pattern-count", 4)
    mark.set_property("pattern-data-count", 32)
    # The number is set anew before each picture, in the thread that draws it.
    mark.get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, write_clock, mark)
    return mark


def grey_of_now():
    """The monotonic clock in steps of 100 ms, each 3 of 256 levels brighter, from 32 on; 6.4 s, then again."""
    level = 32 + 3 * (int(time.monotonic() * 10) % 64)
    return 0xFF000000 | level << 16 | level << 8 | level


def colour_next_picture(_pad, _info, source):
    source.set_property("foreground-color", grey_of_now())
    return Gst.PadProbeReturn.OK


class LibcameraSrc(Gst.Bin):
    __gstmetadata__ = ("libcamerasrc stand-in", "Source/Video", "A test picture behind libcamerasrc's name", "tests")
    __gsttemplates__ = Gst.PadTemplate.new(
        "src", Gst.PadDirection.SRC, Gst.PadPresence.ALWAYS, Gst.Caps.from_string(CAPS)
    )

    camera_name = GObject.Property(type=str, default=None, nick="camera-name")
    # The names of libcamera 0.4 and later; each is taken and has no effect.
    af_mode = GObject.Property(type=str, default="manual", nick="af-mode")
    ae_exposure_mode = GObject.Property(type=str, default="normal", nick="ae-exposure-mode")
    awb_mode = GObject.Property(type=str, default="auto", nick="awb-mode")
    exposure_time = GObject.Property(type=int, default=0, nick="exposure-time")
    analogue_gain = GObject.Property(type=float, default=0.0, nick="analogue-gain")

    def __init__(self):
        super().__init__()
        source = Gst.ElementFactory.make("videotestsrc")
        source.set_property("is-live", True)
        if os.environ.get("STANDIN_GREY_CLOCK") == "1":
            Gst.util_set_object_arg(source, "pattern", "solid-color")
            source.set_property("foreground-color", grey_of_now())
            source.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, colour_next_picture, source)
        self.add(source)
        if os.environ.get("STANDIN_CLOCK") == "1":
            source.set_property("pattern", "ball")  # no colours: the blocks are of brightness only
            mark = make_clock()
            self.add(mark)
            source.link(mark)
            source = mark
        template = self.get_pad_template("src")
        self.add_pad(Gst.GhostPad.new_from_template("src", source.get_static_pad("src"), template))

    def do_change_state(self, transition):
        trouble = self._trouble() if transition == Gst.StateChange.NULL_TO_READY else None
        if trouble is None:
            return Gst.Bin.do_change_state(self, transition)
        error = GLib.Error.new_literal(Gst.ResourceError.quark(), trouble, int(Gst.ResourceError.NOT_FOUND))
        self.post_message(Gst.Message.new_error(self, error, "standin_libcamerasrc.py"))
        return Gst.StateChangeReturn.FAILURE

    def _trouble(self):
        if not CAMERAS:
            return "Could not find any supported camera on this system."
        if self.camera_name and self.camera_name not in CAMERAS:
            return f"Could not find a camera named '{self.camera_name}'."
        return None


GObject.type_register(LibcameraSrc)
__gstelementfactory__ = ("libcamerasrc", Gst.Rank.PRIMARY + 1, LibcameraSrc)
