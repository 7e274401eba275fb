#!/bin/sh
# Installs rpi-webrtc as a service that starts with the machine. Run again after an update: it replaces the program and
# keeps the configuration.
set -eu
umask 022 # what is installed runs as root or names what does: root's own umask may let others write it

usage() {
  cat <<'EOF'
Usage: sudo sh systemd/install.sh [--dry-run] [--no-start]

Installs the packages it needs, builds, copies the program to /opt/rpi-webrtc, and starts it with the machine.

  /etc/rpi-webrtc/config.toml  the configuration, written from the cameras found; an existing one keeps its content
  /usr/local/bin/rpi-webrtc    the command, for "rpi-webrtc cameras" and "rpi-webrtc doctor"
  rpi-webrtc.service           the service, run by the user rpi-webrtc

  --dry-run   prints what would be done, does nothing
  --no-start  installs and enables, but does not start
  --help      prints this

systemd/uninstall.sh takes it away again.
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
    *) echo "install: $argument is no option" >&2; usage >&2; exit 64 ;;
  esac
done

say() { printf 'install: %s\n' "$*"; }
fail() { printf 'install: %s\n' "$*" >&2; exit 1; }
run() { if [ "$dry_run" = yes ]; then printf '  %s\n' "$*"; else "$@"; fi; }
has() { command -v "$1" > /dev/null 2>&1; }
write() { # FILE: the standard input, as its content
  if [ "$dry_run" = yes ]; then cat > /dev/null; printf '  write %s\n' "$1"; else cat > "$1"; fi
}

here=$(cd "$(dirname "$0")/.." && pwd)
if [ "$dry_run" = no ] && [ "$(id -u)" != 0 ]; then
  has sudo || fail 'root rights are needed: run this as root'
  exec sudo -- env PATH="$PATH" sh "$here/systemd/install.sh" "$@"
fi
cd "$here"
has systemctl || [ "$dry_run" = yes ] || fail 'systemctl is missing: this machine does not run systemd'

say 'packages and build'
if [ "$dry_run" = yes ]; then sh systemd/setup.sh --runtime-only --dry-run; else sh systemd/setup.sh --runtime-only; fi

# The service sees no home directories, so a Node.js from nvm would be there for its owner only.
if has node; then node=$(readlink -f "$(command -v node)"); else node=/usr/bin/node; fi
case $node in
  /home/* | /root/* | /run/user/*) fail "Node.js is in $node, where a service cannot reach it: install it for the whole system" ;;
esac

say "program: $PREFIX"
run rm -rf "$PREFIX.new"
run mkdir -p "$PREFIX.new"
for item in dist static systemd config.example.toml package.json package-lock.json LICENSE; do
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

say "command: $COMMAND"
run mkdir -p "$(dirname "$COMMAND")"
write "$COMMAND" <<EOF
#!/bin/sh
exec $node $PREFIX/dist/main.js "\$@"
EOF
run chmod 755 "$COMMAND"

say "user: $SERVICE_USER"
for group in video render; do
  getent group "$group" > /dev/null || run groupadd --system "$group"
done
getent passwd "$SERVICE_USER" > /dev/null ||
  run useradd --system --user-group --no-create-home --home-dir /var/lib/rpi-webrtc --shell /usr/sbin/nologin "$SERVICE_USER"

if [ -e "$CONFIG" ]; then say "configuration: $CONFIG is there and stays as it is"
else
  say "configuration: $CONFIG"
  run mkdir -p "$(dirname "$CONFIG")"
  # Without a camera "init" writes nothing and says why; whatever else it fails for, the example will do.
  run "$COMMAND" init --config "$CONFIG" || {
    say 'config.example.toml is taken instead: put your cameras in'
    run cp config.example.toml "$CONFIG"
  }
fi
# Whoever can write the folder can replace the file.
run chmod o-w "$(dirname "$CONFIG")"
# It may hold a password: the service reads it by its group, and nobody else does.
run chown "root:$SERVICE_USER" "$CONFIG"
run chmod 640 "$CONFIG"

say "service: $UNIT"
sed "s|^ExecStart=/usr/bin/node |ExecStart=$node |" systemd/rpi-webrtc.service | write "$UNIT"
run systemctl enable rpi-webrtc.service
if [ -d /run/systemd/system ] || [ "$dry_run" = yes ]; then
  run systemctl daemon-reload
  if [ "$start" = yes ]; then run systemctl restart rpi-webrtc.service; fi
else say 'systemd does not run here: the service starts with the next boot'; fi

setting() { # KEY: its value in the configuration, without quotes; nothing where it is not there
  if [ -r "$CONFIG" ]; then sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*[\"']\{0,1\}\([^\"'#[:space:]]*\).*/\1/p" "$CONFIG" | head -n 1; fi
}
port=$(setting web-port)
if [ -n "$(setting tls-cert)" ]; then scheme=https; else scheme=http; fi
address=$(hostname -I 2> /dev/null | cut -d' ' -f1) || address=
cat <<EOF

Watch at $scheme://${address:-localhost}:${port:-8080}/

Next:
  sudo rpi-webrtc doctor --config $CONFIG
                                 what is missing or wrong, and how to mend it
  rpi-webrtc cameras             the cameras there are, each with its device line
  sudo nano $CONFIG
                                 change it: what is saved is in force a moment later
  systemctl status rpi-webrtc    is it running, and what does it say
  journalctl -u rpi-webrtc -f    its log
EOF
