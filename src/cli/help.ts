/** What `--help` prints. */
export const HELP = `rpi-webrtc - watch Raspberry Pi cameras live in any browser, over WebRTC

Usage: rpi-webrtc [command] [flags]

Without a command it serves the cameras of the configuration: open http://ADDRESS:8080/ in a browser.
A changed configuration is taken up while it runs, and at SIGHUP; one with mistakes changes nothing.

Commands:
  doctor             checks this machine, its cameras and its network, and prints how to fix what is wrong
  cameras            the cameras found, each with the device line to paste into the configuration
  init               writes a configuration from the cameras found: to --config FILE, else to ./config.toml
  pipeline CAMERA    prints the gst-launch-1.0 command line of a camera, such as camera1, ready to paste
  hash-password      asks for a password, or reads one from stdin, and prints the line to paste into the configuration

Flags:
  -c, --config FILE  the configuration; without it ./config.toml if there is one, else the defaults
  -t, --test-mode    test pictures instead of the cameras: needs no camera hardware
  -d, --debug        says much more in the log
      --pi-ip IP     the address browsers reach this machine at, instead of the one found or configured
      --log-format F pretty, for people; json, one object per line; auto (without it) is pretty on a terminal, else json
      --json         doctor, cameras, init: prints one JSON document instead
      --force        init: replaces a file that is there
      --stdout       init: prints the configuration and writes nothing; so does init -
  -v, --version      prints the version
  -h, --help         prints this

Exit codes:
  0   stopped by SIGINT or SIGTERM
  78  the configuration or the command line is wrong; every problem is printed
  69  something to install is missing, such as GStreamer; the command that installs it is printed
  1   anything else; doctor: something keeps a camera from playing; init: nothing was written

Examples:
  rpi-webrtc --test-mode                           try it without a camera
  rpi-webrtc init                                  write config.toml for the cameras that are there
  rpi-webrtc cameras                               find the device line of a camera
  rpi-webrtc --config /etc/rpi-webrtc/config.toml  serve these cameras
  rpi-webrtc pipeline camera1 --test-mode          see what would be run

Every key of the configuration is explained in config.example.toml.
`
