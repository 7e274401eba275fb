/** What `--help` prints. */
export const HELP = `rpi-webrtc - watch Raspberry Pi cameras live in any browser, over WebRTC

Usage: rpi-webrtc [command] [flags]

Without a command it serves the configured cameras, or without any those it finds: open http://ADDRESS:8080/ in a browser.
It reloads the configuration when the file changes, and on SIGHUP. An invalid one is rejected.

Commands:
  doctor             checks this machine, its cameras and its network, and prints a fix for each problem
  cameras            lists the cameras and microphones found, each with the device line to paste into the configuration
  init               writes a configuration for the cameras found, to --config FILE or ./config.toml
  pipeline CAMERA    prints the gst-launch-1.0 command line of a camera, such as camera1, ready to paste
  certificate [NAME...]
                     makes a certificate for https, for this machine's names and addresses, and renews it
  hash-password      asks for a password, or reads one from stdin, and prints the line to paste into the configuration

Flags:
  -c, --config FILE  configuration file (default: ./config.toml, otherwise /etc/rpi-webrtc/config.toml)
  -t, --test-mode    test patterns instead of the cameras: needs no camera hardware
  -d, --debug        logs much more
      --pi-ip IP     address at which browsers reach this machine; overrides server.pi-ip
      --log-format F pretty; json, one object per line; auto (default), pretty on a terminal and json elsewhere
      --json         doctor, cameras, init: prints one JSON document
      --from-outside doctor: explains what the router must do for viewers from the Internet
      --force        init: replaces an existing file; certificate: replaces the certificate authority
      --stdout       init: prints the configuration and writes no file; same as init -
      --folder DIR   certificate: where its files are (default: beside the configuration)
      --write        certificate: writes server.tls-cert and server.tls-key into the configuration
  -v, --version      prints the version
  -h, --help         prints this text

Exit codes:
  0   stopped by SIGINT or SIGTERM
  78  the configuration or the command line is invalid; every problem is printed
  69  a required program, such as GStreamer, is not installed; the command that installs it is printed
  1   any other error; doctor: a problem prevents a camera from playing; init, certificate:
      nothing was written

Examples:
  rpi-webrtc --test-mode                           try it without a camera
  rpi-webrtc init                                  write config.toml for the connected cameras
  rpi-webrtc cameras                               find the device line of a camera
  rpi-webrtc --config /etc/rpi-webrtc/config.toml  serve these cameras
  rpi-webrtc doctor --from-outside                 set up the router
  rpi-webrtc pipeline camera1 --test-mode          print the GStreamer command

config.example.toml explains every configuration key.
`
