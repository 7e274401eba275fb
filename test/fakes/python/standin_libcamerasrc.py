"""A libcamerasrc for machines without a camera: videotestsrc with the pads, properties and errors of the real one.

  apt install gstreamer1.0-python3-plugin-loader gir1.2-gst-plugins-base-1.0
  GST_PLUGIN_PATH=test/fakes GST_REGISTRY=/tmp/standin.bin gst-launch-1.0 libcamerasrc ! ...

STANDIN_GREY_CLOCK=1 makes a grey picture whose brightness tells when it was made: see grey_of_now.
STANDIN_CAMERAS names the cameras that "exist", parted by ";"; empty means that none is connected.
STANDIN_FAILS=NAME makes a camera that cannot start while that property is set, such as sharpness.
STANDIN_CLOCK=1 writes into every picture when it was taken, so that whoever sees it knows its age: along the lower edge, four
blocks black and white in turn, then the milliseconds of CLOCK_MONOTONIC as 32 blocks, the highest bit first, white is 1.
STANDIN_LIBCAMERA is the release whose properties it has: 0.0.3, 0.4.0, 0.5.2 or 0.7.1, which is the default.
STANDIN_REFUSE names what the driver refuses, and STANDIN_SILENT that with which it starts and delivers nothing: sensor-config
and second-pad, parted by ";". Without them a sensor-config has to be a mode of the imx219 or the imx708.
STANDIN_LOG=1 writes what it was asked for to stderr.
One element per file: the plugin loader of GStreamer 1.22 takes no more.
"""

import os
import sys
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

VERSION = tuple(int(part) for part in os.environ.get("STANDIN_LIBCAMERA", "0.7.1").split("."))
REFUSED = os.environ.get("STANDIN_REFUSE", "").split(";")
SILENT = os.environ.get("STANDIN_SILENT", "").split(";")
SENSOR_MODES = [
    (width, height, depth)
    for width, height in ((640, 480), (1640, 1232), (1920, 1080), (3280, 2464))
    for depth in (8, 10)
] + [(1536, 864, 10), (2304, 1296, 10), (4608, 2592, 10)]

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


def drop(_pad, _info):
    return Gst.PadProbeReturn.DROP


def colour_next_picture(_pad, _info, source):
    source.set_property("foreground-color", grey_of_now())
    return Gst.PadProbeReturn.OK


class LibcameraSrc(Gst.Bin):
    __gstmetadata__ = ("libcamerasrc stand-in", "Source/Video", "A test picture behind libcamerasrc's name", "tests")
    __gsttemplates__ = (
        Gst.PadTemplate.new("src", Gst.PadDirection.SRC, Gst.PadPresence.ALWAYS, Gst.Caps.from_string(CAPS)),
        Gst.PadTemplate.new("src_%u", Gst.PadDirection.SRC, Gst.PadPresence.REQUEST, Gst.Caps.from_string(CAPS)),
    )

    camera_name = GObject.Property(type=str, default=None, nick="camera-name")
    # Each is text: it is accepted, and only brightness has an effect.
    if VERSION >= (0, 4):
        brightness = GObject.Property(type=str, default=None, nick="brightness")
        contrast = GObject.Property(type=str, default=None, nick="contrast")
        saturation = GObject.Property(type=str, default=None, nick="saturation")
        sharpness = GObject.Property(type=str, default=None, nick="sharpness")
        ae_enable = GObject.Property(type=str, default=None, nick="ae-enable")
        ae_exposure_mode = GObject.Property(type=str, default=None, nick="ae-exposure-mode")
        ae_metering_mode = GObject.Property(type=str, default=None, nick="ae-metering-mode")
        exposure_value = GObject.Property(type=str, default=None, nick="exposure-value")
        exposure_time = GObject.Property(type=str, default=None, nick="exposure-time")
        analogue_gain = GObject.Property(type=str, default=None, nick="analogue-gain")
        awb_enable = GObject.Property(type=str, default=None, nick="awb-enable")
        awb_mode = GObject.Property(type=str, default=None, nick="awb-mode")
        colour_gains = GObject.Property(type=str, default=None, nick="colour-gains")
        af_mode = GObject.Property(type=str, default=None, nick="af-mode")
        af_range = GObject.Property(type=str, default=None, nick="af-range")
        af_speed = GObject.Property(type=str, default=None, nick="af-speed")
        af_metering = GObject.Property(type=str, default=None, nick="af-metering")
        af_windows = GObject.Property(type=str, default=None, nick="af-windows")
        lens_position = GObject.Property(type=str, default=None, nick="lens-position")
        scaler_crop = GObject.Property(type=str, default=None, nick="scaler-crop")
    if VERSION >= (0, 5):
        exposure_time_mode = GObject.Property(type=str, default=None, nick="exposure-time-mode")
        analogue_gain_mode = GObject.Property(type=str, default=None, nick="analogue-gain-mode")
    if VERSION >= (0, 7, 1):
        sensor_config = GObject.Property(type=Gst.Structure, nick="sensor-config")

    def __init__(self):
        super().__init__()
        source = Gst.ElementFactory.make("videotestsrc")
        source.set_property("is-live", True)
        if os.environ.get("STANDIN_GREY_CLOCK") == "1":
            Gst.util_set_object_arg(source, "pattern", "solid-color")
            source.set_property("foreground-color", grey_of_now())
            source.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, colour_next_picture, source)
        self.add(source)
        self._source = source
        if os.environ.get("STANDIN_CLOCK") == "1":
            source.set_property("pattern", "ball")  # no colours: the blocks are of brightness only
            mark = make_clock()
            self.add(mark)
            source.link(mark)
            source = mark
        template = self.get_pad_template("src")
        self.add_pad(Gst.GhostPad.new_from_template("src", source.get_static_pad("src"), template))

    def do_request_new_pad(self, template, name, _caps):
        source = Gst.ElementFactory.make("videotestsrc")
        source.set_property("is-live", True)
        self.add(source)
        pad = Gst.GhostPad.new_from_template(name or "src_0", source.get_static_pad("src"), template)
        self.add_pad(pad)
        return pad

    def do_change_state(self, transition):
        if transition == Gst.StateChange.NULL_TO_READY:
            self._apply_controls()
        trouble = self._trouble() if transition == Gst.StateChange.NULL_TO_READY else None
        if trouble is not None:
            return self._fail(Gst.ResourceError.quark(), Gst.ResourceError.NOT_FOUND, trouble, "standin_libcamerasrc.py")
        if transition == Gst.StateChange.READY_TO_PAUSED:
            # The words of libcamera's pipeline handler, then those of the element.
            refusal = self._refusal()
            if refusal is not None:
                sys.stderr.write(f"[0:01:02.345678901] [42] ERROR RPI pipeline_base.cpp:345 {refusal}\n")
                return self._fail(
                    Gst.StreamError.quark(),
                    Gst.StreamError.FAILED,
                    "Internal data stream error.",
                    "streaming stopped, reason not-negotiated (-4)",
                )
            if any(what in SILENT for what in self._asked_for()):
                for pad in self.srcpads:
                    pad.add_probe(Gst.PadProbeType.BUFFER, drop)
        return Gst.Bin.do_change_state(self, transition)

    def _fail(self, domain, code, text, debug):
        error = GLib.Error.new_literal(domain, text, int(code))
        self.post_message(Gst.Message.new_error(self, error, debug))
        return Gst.StateChangeReturn.FAILURE

    def _sensor_config(self):
        return self.sensor_config if VERSION >= (0, 7, 1) else None

    def _asked_for(self):
        asked = [] if self._sensor_config() is None else ["sensor-config"]
        return asked if self.get_static_pad("src_0") is None else [*asked, "second-pad"]

    def _refusal(self):
        asked = self._asked_for()
        config = self._sensor_config()
        if os.environ.get("STANDIN_LOG") == "1":
            text = "" if config is None else config.to_string()
            sys.stderr.write(f"libcamerasrc stand-in: {' '.join(asked) or 'plain'} {text}\n")
        if "second-pad" in asked and "second-pad" in REFUSED:
            return "Invalid number of streams requested"
        if config is None:
            return None
        mode = tuple(config.get_int(name)[1] for name in ("width", "height", "depth"))
        if "sensor-config" in REFUSED or mode not in SENSOR_MODES:
            return "Invalid sensor configuration: bitDepth/size mismatch"
        return None

    def _apply_controls(self):
        """Brightness -1 to 1 as a grey from black to white, so that a picture shows which value arrived."""
        source = self._source
        brightness = getattr(self, "brightness", None)
        if brightness:
            level = round((float(brightness) + 1) / 2 * 255)
            Gst.util_set_object_arg(source, "pattern", "solid-color")
            source.set_property("foreground-color", 0xFF000000 | level << 16 | level << 8 | level)

    def _trouble(self):
        if not CAMERAS:
            return "Could not find any supported camera on this system."
        if self.camera_name and self.camera_name not in CAMERAS:
            return f"Could not find a camera named '{self.camera_name}'."
        failing = os.environ.get("STANDIN_FAILS")
        if failing and getattr(self, failing.replace("-", "_")):
            return "Failed to start the camera: -22"
        return None


GObject.type_register(LibcameraSrc)
__gstelementfactory__ = ("libcamerasrc", Gst.Rank.PRIMARY + 1, LibcameraSrc)
