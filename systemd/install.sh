#!/bin/sh
# Installs rpi-webrtc as a system service. Run it again to update: it keeps the configuration.
set -eu
umask 022 # nobody else may write files that root runs

usage() {
  cat <<'EOF'
Usage: sudo sh systemd/install.sh [--dry-run] [--no-start]

Installs the required packages, builds, copies the program to /opt/rpi-webrtc and starts it at boot.

  /etc/rpi-webrtc/config.toml  the configuration for the cameras found; an existing one is kept
  /usr/local/bin/rpi-webrtc    the command, for "rpi-webrtc cameras" and "rpi-webrtc doctor"
  rpi-webrtc.service           the service, run by the user rpi-webrtc

  --dry-run   print the commands without running them
  --no-start  install and enable, but do not start
  --help      print this help

systemd/uninstall.sh removes it.
EOF
}

PREFIX=/opt/rpi-webrtc
CONFIG=/etc/rpi-webrtc/config.toml
UNIT=/etc/systemd/system/rpi-webrtc.service
COMMAND=/usr/local/bin/rpi-webrtc
SERVICE_USER=rpi-webrtc

dry_run=no
start=yes
for argument in "$@"; do
  case $argument in
    --dry-run) dry_run=yes ;;
    --no-start) start=no ;;
    --help | -h) usage; exit 0 ;;
    *) echo "install: unknown option $argument" >&2; usage >&2; exit 64 ;;
  esac
done

info() { printf 'install: %s\n' "$*"; }
fail() { printf 'install: %s\n' "$*" >&2; exit 1; }
run() { if [ "$dry_run" = yes ]; then printf '  %s\n' "$*"; else "$@"; fi; }
has() { command -v "$1" > /dev/null 2>&1; }
write() { # FILE: the standard input, as its content
  if [ "$dry_run" = yes ]; then cat > /dev/null; printf '  write %s\n' "$1"; else cat > "$1"; fi
}

here=$(cd "$(dirname "$0")/.." && pwd)
if [ "$dry_run" = no ] && [ "$(id -u)" != 0 ]; then
  has sudo || fail 'run this as root'
  exec sudo -- env PATH="$PATH" sh "$here/systemd/install.sh" "$@"
fi
cd "$here"
has systemctl || [ "$dry_run" = yes ] || fail 'systemctl is missing: this machine does not run systemd'

info 'packages and build'
if [ "$dry_run" = yes ]; then sh systemd/setup.sh --runtime-only --dry-run; else sh systemd/setup.sh --runtime-only; fi

# ProtectHome hides home directories, so the service cannot use a Node.js from nvm.
if has node; then node=$(readlink -f "$(command -v node)"); else node=/usr/bin/node; fi
case $node in
  /home/* | /root/* | /run/user/*) fail "the service cannot access Node.js in $node: install Node.js system-wide" ;;
esac

info "program: $PREFIX"
run rm -rf "$PREFIX.new"
run mkdir -p "$PREFIX.new"
for item in dist static docs systemd config.example.toml package.json package-lock.json LICENSE; do
  # A published package has no package-lock.json.
  if [ -e "$item" ] || [ "$dry_run" = yes ]; then run cp -R "$item" "$PREFIX.new/"; fi
done
npm_flags="--prefix $PREFIX.new --omit=dev --ignore-scripts --prefer-offline --no-fund --no-audit"
# Without a lock file, or with one that lacks optional packages of other platforms, npm ci refuses.
# shellcheck disable=SC2086 # a list of words
run npm ci $npm_flags --loglevel=silent || run npm install --no-save $npm_flags
run chown -R root:root "$PREFIX.new"
run chmod -R u=rwX,go=rX "$PREFIX.new"
run rm -rf "$PREFIX.old"
if [ -e "$PREFIX" ]; then run mv "$PREFIX" "$PREFIX.old"; fi
run mv "$PREFIX.new" "$PREFIX"
run rm -rf "$PREFIX.old"

info "command: $COMMAND"
run mkdir -p "$(dirname "$COMMAND")"
write "$COMMAND" <<EOF
#!/bin/sh
exec $node $PREFIX/dist/main.js "\$@"
EOF
run chmod 755 "$COMMAND"

info "user: $SERVICE_USER"
for group in video render; do
  getent group "$group" > /dev/null || run groupadd --system "$group"
done
getent passwd "$SERVICE_USER" > /dev/null ||
  run useradd --system --user-group --no-create-home --home-dir /var/lib/rpi-webrtc --shell /usr/sbin/nologin "$SERVICE_USER"

if [ -e "$CONFIG" ]; then info "configuration: keeping $CONFIG"
else
  info "configuration: $CONFIG"
  run mkdir -p "$(dirname "$CONFIG")"
  # Without a camera, or on any other failure, "init" writes nothing and prints the reason.
  run "$COMMAND" init --config "$CONFIG" || {
    info 'using config.example.toml instead: add your cameras to it'
    run cp config.example.toml "$CONFIG"
  }
fi
# A writable folder would let other users replace the file.
run chmod o-w "$(dirname "$CONFIG")"
# It may contain a password: only root and the service may read it.
run chown "root:$SERVICE_USER" "$CONFIG"
run chmod 640 "$CONFIG"

info "service: $UNIT"
sed "s|^ExecStart=/usr/bin/node |ExecStart=$node |" systemd/rpi-webrtc.service | write "$UNIT"
run systemctl enable rpi-webrtc.service
if [ -d /run/systemd/system ] || [ "$dry_run" = yes ]; then
  run systemctl daemon-reload
  if [ "$start" = yes ]; then run systemctl restart rpi-webrtc.service; fi
else info 'systemd is not running: the service starts at the next boot'; fi

setting() { # KEY: its value in the configuration without quotes, or nothing
  if [ -r "$CONFIG" ]; then sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*[\"']\{0,1\}\([^\"'#[:space:]]*\).*/\1/p" "$CONFIG" | head -n 1; fi
}
port=$(setting web-port)
if [ -n "$(setting tls-cert)" ]; then scheme=https; else scheme=http; fi
address=$(hostname -I 2> /dev/null | cut -d' ' -f1) || address=
cat <<EOF

Watch at $scheme://${address:-localhost}:${port:-8080}/

Next:
  sudo rpi-webrtc doctor --config $CONFIG
                                 check for problems and how to fix them
  rpi-webrtc cameras             list the cameras, each with its device line
  sudo nano $CONFIG
                                 change the configuration; it is applied when saved
  systemctl status rpi-webrtc    status
  journalctl -u rpi-webrtc -f    log
EOF
