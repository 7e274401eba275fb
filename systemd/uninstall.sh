#!/bin/sh
# Removes what systemd/install.sh installed, except Debian packages, which other programs may use.
set -eu

usage() {
  cat <<'EOF'
Usage: sudo sh systemd/uninstall.sh [--purge] [--dry-run]

Stops and removes the service, the program and the command. Keeps the configuration in /etc/rpi-webrtc.

  --purge    also remove the configuration, the cache and the user
  --dry-run  print the commands without running them
  --help     print this help
EOF
}

PREFIX=/opt/rpi-webrtc
CONFIG_FOLDER=/etc/rpi-webrtc
UNIT=/etc/systemd/system/rpi-webrtc.service
COMMAND=/usr/local/bin/rpi-webrtc
SERVICE_USER=rpi-webrtc

dry_run=no
purge=no
for argument in "$@"; do
  case $argument in
    --dry-run) dry_run=yes ;;
    --purge) purge=yes ;;
    --help | -h) usage; exit 0 ;;
    *) echo "uninstall: unknown option $argument" >&2; usage >&2; exit 64 ;;
  esac
done

info() { printf 'uninstall: %s\n' "$*"; }
run() { if [ "$dry_run" = yes ]; then printf '  %s\n' "$*"; else "$@"; fi; }

if [ "$dry_run" = no ] && [ "$(id -u)" != 0 ]; then
  command -v sudo > /dev/null 2>&1 || { info 'run this as root' >&2; exit 1; }
  exec sudo -- sh "$0" "$@"
fi
cd / # the folder of this script may be removed

is_running() { [ -d /run/systemd/system ] || [ "$dry_run" = yes ]; }

if [ -e "$UNIT" ] || [ "$dry_run" = yes ]; then
  info "service: $UNIT"
  if is_running; then run systemctl stop rpi-webrtc.service; fi
  run systemctl disable rpi-webrtc.service
  run rm -f "$UNIT"
  if is_running; then
    run systemctl daemon-reload
    run systemctl reset-failed rpi-webrtc.service 2> /dev/null || true
  fi
fi
info "program: $PREFIX and $COMMAND"
run rm -rf "$PREFIX" "$PREFIX.new" "$PREFIX.old" "$COMMAND"

if [ "$purge" = yes ]; then
  info "configuration, cache and user: $CONFIG_FOLDER, /var/lib/rpi-webrtc, /var/cache/rpi-webrtc, $SERVICE_USER"
  run rm -rf "$CONFIG_FOLDER" /var/lib/rpi-webrtc /var/cache/rpi-webrtc
  if getent passwd "$SERVICE_USER" > /dev/null; then run userdel "$SERVICE_USER"; fi
  # userdel also removes the user's group unless it has other members.
  if getent group "$SERVICE_USER" > /dev/null; then run groupdel "$SERVICE_USER"; fi
else info "keeping the configuration in $CONFIG_FOLDER (--purge removes it)"; fi
info 'done'
