#!/bin/sh
# Installs rpi-webrtc as a system service. Run it again to update: it keeps the configuration.
set -eu
umask 022 # nobody else may write files that root runs

usage() {
  cat <<'EOF'
Usage: sudo sh systemd/install.sh [--dry-run] [--no-start]

Installs the required packages, builds the program in /opt/rpi-webrtc and starts it at boot. An update that does not start
is replaced by the program before it.

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
write() { # FILE MODE: the standard input, as its content. A link is replaced: npm's leads to the global package.
  if [ "$dry_run" = yes ]; then cat > /dev/null; printf '  write %s\n' "$1"; return; fi
  cat > "$1.new"
  chmod "$2" "$1.new"
  mv -fT "$1.new" "$1"
}

here=$(cd "$(dirname "$0")/.." && pwd)
if [ "$dry_run" = no ] && [ "$(id -u)" != 0 ]; then
  has sudo || fail 'run this as root'
  exec sudo -- env PATH="$PATH" sh "$here/systemd/install.sh" "$@"
fi
cd "$here"
has systemctl || [ "$dry_run" = yes ] || fail 'systemctl is missing: this machine does not run systemd'

[ ! -e /usr/lib/systemd/system/rpi-webrtc.service ] || fail 'the Debian package is installed: sudo apt remove rpi-webrtc'

info 'packages'
if [ "$dry_run" = yes ]; then sh systemd/setup.sh --runtime-only --dry-run; else sh systemd/setup.sh --runtime-only; fi

# ProtectHome hides home directories, so the service cannot use a Node.js from nvm.
if has node; then node=$(readlink -f "$(command -v node)"); else node=/usr/bin/node; fi
case $node in
  /home/* | /root/* | /run/user/*) fail "the service cannot access Node.js in $node: install Node.js system-wide" ;;
esac

# Whether dist and the npm packages are here, so that no compiler and no network are needed.
is_built() {
  [ -f dist/main.js ] || return 1
  [ ! -d src ] || [ -z "$(find src package.json tsconfig.json tsconfig.build.json -newer dist/main.js)" ] || return 1
  modules=$("$node" packaging/production-modules.mjs 2> /dev/null) || return 1
  for module in $modules; do [ -d "$module" ] || return 1; done
}

# Builds in the new folder with TypeScript and types, and removes them again; the clone stays as it is. npm install keeps the
# versions of the lock file. Without a network npm says so within a minute.
build() {
  has npm || [ "$dry_run" = yes ] || fail 'npm is missing: sudo apt install npm'
  for item in src tsconfig.json tsconfig.build.json; do run cp -R "$item" "$PREFIX.new/"; done
  unneeded=$(sed -n '/"devDependencies"/,/}/s/^    "\([^"]*\)":.*/devDependencies.\1/p' package.json | grep -v '\.typescript$\|\.@types/')
  # shellcheck disable=SC2086 # a list of words
  run npm --prefix "$PREFIX.new" pkg delete $unneeded
  npm_flags="--prefix $PREFIX.new --ignore-scripts --no-fund --no-audit --fetch-retries=1 --fetch-timeout=30000 --fetch-retry-maxtimeout=5000"
  # shellcheck disable=SC2086 # a list of words
  run npm install $npm_flags --include=dev || fail 'npm could not install the packages: see its message above. Nothing was changed.'
  run "$node" "$PREFIX.new/node_modules/typescript/bin/tsc" -p "$PREFIX.new/tsconfig.build.json"
  # shellcheck disable=SC2086
  run npm prune $npm_flags --omit=dev --offline
  run cp package.json package-lock.json "$PREFIX.new/"
  run rm -rf "$PREFIX.new/src" "$PREFIX.new/tsconfig.json" "$PREFIX.new/tsconfig.build.json"
}

copy_built() {
  run cp -R dist "$PREFIX.new/"
  for module in $modules; do
    run mkdir -p "$PREFIX.new/$module"
    run cp -R "$module/." "$PREFIX.new/$module/"
  done
}

info "program: $PREFIX"
run rm -rf "$PREFIX.new"
run mkdir -p "$PREFIX.new"
for item in static systemd packaging docs bench/screenshots config.example.toml package.json package-lock.json npm-shrinkwrap.json \
  README.md CHANGELOG.md SECURITY.md LICENSE; do
  [ -e "$item" ] || continue
  run mkdir -p "$(dirname "$PREFIX.new/$item")"
  run cp -R "$item" "$PREFIX.new/$item"
done
if is_built; then copy_built; else build; fi
run chown -R root:root "$PREFIX.new"
run chmod -R u=rwX,go=rX "$PREFIX.new"
run rm -rf "$PREFIX.old"
if [ -e "$PREFIX" ]; then
  run mv "$PREFIX" "$PREFIX.old"
  if [ -e "$UNIT" ]; then run cp "$UNIT" "$PREFIX.old/previous.service"; fi
fi
run mv "$PREFIX.new" "$PREFIX"

info "command: $COMMAND"
run mkdir -p "$(dirname "$COMMAND")"
flags=$(sed -n 's|^ExecStart=/usr/bin/node \(.*\) /opt/.*|\1|p' systemd/rpi-webrtc.service)
write "$COMMAND" 755 <<EOF
#!/bin/sh
exec $node $flags $PREFIX/dist/main.js "\$@"
EOF

info "user: $SERVICE_USER"
for group in video render audio; do
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
    info 'the configuration names no camera: those that are connected later are served'
    sed "s|/usr/share/doc/rpi-webrtc/examples/|$PREFIX/|" packaging/config.toml | write "$CONFIG" 640
  }
fi
# A writable folder would let other users replace the file.
run chmod o-w "$(dirname "$CONFIG")"
# It may contain a password: only root and the service may read it.
run chown "root:$SERVICE_USER" "$CONFIG"
run chmod 640 "$CONFIG"

info "service: $UNIT"
sed "s|^ExecStart=/usr/bin/node |ExecStart=$node |" systemd/rpi-webrtc.service | write "$UNIT" 644
run systemctl enable rpi-webrtc.service
if [ -d /run/systemd/system ] || [ "$dry_run" = yes ]; then
  run systemctl daemon-reload
  # The unit is of Type=notify: this returns when the ports are open, or with an error.
  if [ "$start" = yes ] && ! run systemctl restart rpi-webrtc.service; then
    journalctl --unit rpi-webrtc.service --lines 20 --no-pager >&2 || true
    [ -e "$PREFIX.old" ] || fail 'the service does not start: its log is above'
    info 'the new program does not start: returning to the one before'
    rm -rf "$PREFIX"
    mv "$PREFIX.old" "$PREFIX"
    if [ -e "$PREFIX/previous.service" ]; then write "$UNIT" 644 < "$PREFIX/previous.service"; fi
    systemctl daemon-reload
    systemctl restart rpi-webrtc.service || true
    fail 'the update was undone: the log of the new program is above'
  fi
else info 'systemd is not running: the service starts at the next boot'; fi
run rm -rf "$PREFIX.old"

setting() { # KEY: its value in the configuration without quotes, or nothing
  if [ -r "$CONFIG" ]; then sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*[\"']\{0,1\}\([^\"'#[:space:]]*\).*/\1/p" "$CONFIG" | head -n 1; fi
}
port=$(setting web-port)
if [ -n "$(setting tls-cert)" ]; then scheme=https; else scheme=http; fi
address=$(hostname -I 2> /dev/null | cut -d' ' -f1) || address=
cat <<EOF

Watch at $scheme://${address:-localhost}:${port:-8080}/

Next:
  sudo rpi-webrtc doctor         check for problems and how to fix them
  rpi-webrtc cameras             list the cameras, each with its device line
  sudo nano $CONFIG
                                 change the configuration; it is applied when saved
  systemctl status rpi-webrtc    status
  journalctl -u rpi-webrtc -f    log
EOF
