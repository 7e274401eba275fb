#!/bin/sh
# Installs the requirements of rpi-webrtc on Debian 12 or 13 and Raspberry Pi OS, then builds it. `npm run setup` runs this.
# Installed packages are skipped, so running it again takes a second or two.
set -eu

usage() {
  cat <<'EOF'
Usage: sh systemd/setup.sh [--runtime-only] [--libcamera] [--dry-run]

Installs the missing Debian packages (GStreamer and its plugins, fonts), then the npm packages, then builds.

  --runtime-only  only the Debian packages that the service needs: none for tests, no npm packages, no build
  --libcamera     with libcamera, even if this is not a Raspberry Pi
  --dry-run       print the commands without running them
  --help          print this help
EOF
}

NODE_AT_LEAST=20.19.0
runtime_only=no
libcamera=no
dry_run=no
for argument in "$@"; do
  case $argument in
    --runtime-only) runtime_only=yes ;;
    --libcamera) libcamera=yes ;;
    --dry-run) dry_run=yes ;;
    --help | -h) usage; exit 0 ;;
    *) echo "setup: unknown option $argument" >&2; usage >&2; exit 64 ;;
  esac
done

cd "$(dirname "$0")/.."

info() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
run() { if [ "$dry_run" = yes ]; then printf '  %s\n' "$*"; else "$@"; fi; }
has() { command -v "$1" > /dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then run "$@"
  elif [ "$dry_run" = yes ] || has sudo; then run sudo "$@"
  else fail "root privileges are needed for: $*"; fi
}

# Under sudo, npm runs as the owner of the checkout, so that its files belong to that user.
as_owner() {
  owner=$(stat -c %U .)
  if [ "$(id -u)" = 0 ] && [ "$owner" != root ] && getent passwd "$owner" > /dev/null; then
    run runuser -u "$owner" -- env HOME="$(getent passwd "$owner" | cut -d: -f6)" PATH="$PATH" "$@"
  else run "$@"; fi
}

is_raspberry_pi() { grep -qs 'Raspberry Pi' /proc/device-tree/model; }
is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2> /dev/null)" = installed ]; }
candidate_of() { apt-cache policy "$1" 2> /dev/null | sed -n 's/^  Candidate: //p' | grep -v '^(none)$'; }
at_least() { dpkg --compare-versions "$1" ge "$2"; }

updated=no
update_lists() {
  [ "$updated" = no ] || return 0
  updated=yes
  info 'reading the package lists (apt-get update)'
  as_root apt-get update -qq || info 'apt-get update failed: continuing with the existing lists'
}

# The first of "a|b" that is installed, else the first that is available.
choose() {
  alternatives=$(echo "$1" | tr '|' ' ')
  for package in $alternatives; do if is_installed "$package"; then echo "$package"; return; fi; done
  for package in $alternatives; do if [ -n "$(candidate_of "$package")" ]; then echo "$package"; return; fi; done
}

# must|may PACKAGE...: with may, packages that apt does not have are skipped.
install_missing() {
  need=$1
  shift
  wanted=
  for choice in "$@"; do
    package=$(choose "$choice")
    if [ -z "$package" ]; then update_lists; package=$(choose "$choice"); fi
    if [ -z "$package" ]; then
      [ "$need" = may ] || fail "no package $choice in the lists of apt: is this Debian 12 or newer?"
      info "no package $choice in the lists of apt: skipped"
    elif ! is_installed "$package"; then wanted="$wanted $package"; fi
  done
  [ -n "$wanted" ] || return 0
  update_lists
  info "installing$wanted"
  # shellcheck disable=SC2086 # a list of words
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted
}

check_node() {
  if ! has node; then
    update_lists
    candidate=$(candidate_of nodejs)
    if [ -n "$candidate" ] && at_least "$candidate" "$NODE_AT_LEAST"; then install_missing must nodejs npm; fi
  fi
  if has node; then found="found $(node --version)"; else found='none found'; fi
  if has node && at_least "$(node --version | tr -d v)" "$NODE_AT_LEAST"; then
    has npm || [ "$runtime_only" = yes ] || fail 'npm is missing: sudo apt install npm'
    info "Node.js $(node --version)"
  elif [ "$dry_run" = yes ] && ! has node; then info 'Node.js is one of the packages above'
  else
    fail "Node.js $NODE_AT_LEAST or newer is needed, $found. On Debian 13 and Raspberry Pi OS Trixie: sudo apt install nodejs npm
  On Debian 12 and Raspberry Pi OS Bookworm nodejs is too old: install a 22.x build from nodejs.org.
  Then run this again."
  fi
}

# gstreamer1.0-x has timeoverlay, util-linux has setpriv.
RUNTIME='gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
  gstreamer1.0-plugins-ugly gstreamer1.0-x fonts-dejavu-core util-linux'
# Microphones.
SOUND='gstreamer1.0-alsa'
# libcamera-ipa drives the sensors; libcamera only recommends it, and --no-install-recommends skips it.
CAMERA='gstreamer1.0-libcamera libcamera-ipa libcamera-tools'
# The Python loader of Debian 13 needs the libpython name that only libpython3-dev has; iproute2 has ss.
TESTS='chromium|chromium-browser gstreamer1.0-python3-plugin-loader libpython3-dev iproute2 nftables libnss3-tools'
# Other clients for the tests, and their bindings.
CLIENTS='curl firefox-esr|firefox ffmpeg python3-aiortc python3-aiohttp python3-gi gir1.2-gst-plugins-base-1.0 gir1.2-gst-plugins-bad-1.0 gstreamer1.0-nice'

has apt-get || fail 'apt-get is missing: this script supports only Debian and Raspberry Pi OS.
  On other systems install GStreamer 1.22 or newer with its base, good, bad and ugly plugins, then: npm ci && npm run build'

# shellcheck disable=SC2086 # lists of words
install_missing must $RUNTIME
install_missing may $SOUND
if is_raspberry_pi || [ "$libcamera" = yes ]; then
  # shellcheck disable=SC2086
  install_missing may $CAMERA
fi
if [ "$runtime_only" = no ]; then
  # shellcheck disable=SC2086
  install_missing may $TESTS $CLIENTS
fi
info 'GStreamer and its plugins are installed'
check_node

# npm ci rejects a lock file that lacks optional packages of other platforms; npm install still uses its versions. Any other
# error, as of the network, would only come again.
install_npm_packages() {
  said=$(mktemp)
  as_owner npm ci --include=dev --no-fund --no-audit --fetch-retries=1 2> "$said" && status=0 || status=$?
  cat "$said" >&2
  if [ "$status" != 0 ] && grep -q 'EUSAGE' "$said"; then
    info 'npm ci rejects the lock file: running npm install instead'
    as_owner npm install --no-save --include=dev --no-fund --no-audit --fetch-retries=1 && status=0 || status=$?
  fi
  rm -f "$said"
  [ "$status" = 0 ] || fail 'npm could not install the packages: see its message above'
}

# A published package is already built and has no src.
if [ -d src ] && [ "$runtime_only" = no ]; then
  if [ -f node_modules/.package-lock.json ] &&
    [ -z "$(find package-lock.json -newer node_modules/.package-lock.json)" ] && npm ls > /dev/null 2>&1; then
    info 'the npm packages are installed'
  else
    info 'installing the npm packages (npm ci)'
    install_npm_packages
  fi
  if [ -f dist/main.js ] && [ -z "$(find src package.json tsconfig.json tsconfig.build.json -newer dist/main.js)" ]; then
    info 'dist is up to date'
  else
    info 'building (npm run build)'
    as_owner npm run --silent build
  fi
fi
if [ "$runtime_only" = yes ]; then info 'done'; else info 'done. Try it without a camera: npm start -- --test-mode'; fi
