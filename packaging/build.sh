#!/bin/sh
# Builds the Debian package for every architecture: npm run package. Needs npm run setup before, and no network.
set -eu
umask 022

usage() {
  cat <<'USAGE'
Usage: sh packaging/build.sh [--output FOLDER] [--version VERSION] [--fast]

Writes rpi-webrtc_VERSION_all.deb from dist, static and the installed npm packages.

  --output FOLDER    where to write it (default: the current folder)
  --version VERSION  its Debian version (default: that of package.json, with date and commit unless that is a tag of git)
  --fast             without compression
  --help             print this help
USAGE
}

fail() { printf 'package: %s\n' "$*" >&2; exit 1; }

output=$PWD
version=
compression=xz # the default of dpkg-deb differs between distributions
while [ $# -gt 0 ]; do
  case $1 in
    --output) [ $# -gt 1 ] || fail '--output needs a folder'; output=$(cd "$2" && pwd); shift ;;
    --version) [ $# -gt 1 ] || fail '--version needs a version'; version=$2; shift ;;
    --fast) compression=none ;;
    --help | -h) usage; exit 0 ;;
    *) echo "package: unknown option $1" >&2; usage >&2; exit 64 ;;
  esac
  shift
done

here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
command -v dpkg-deb > /dev/null || fail 'dpkg-deb is missing: build the package on Debian or Raspberry Pi OS'
[ -f dist/main.js ] || fail 'dist is missing: npm run build'

released=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
# The time of the commit, so that the same commit makes the same package.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || stat -c %Y package.json)}
export SOURCE_DATE_EPOCH
if [ -z "$version" ]; then
  version=$released
  commit=$(git rev-parse --short=8 HEAD 2> /dev/null || true)
  if [ -n "$commit" ] && [ "$(git describe --tags --exact-match 2> /dev/null)" != "v$released" ]; then
    version="$released+git$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d.%H%M%S).$commit"
  fi
fi
dpkg --validate-version "$version" || fail "$version is no version of a Debian package"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
program=$root/usr/lib/rpi-webrtc
documents=$root/usr/share/doc/rpi-webrtc
mkdir -p "$root/DEBIAN" "$program" "$documents/examples" "$documents/docs" "$root/etc/rpi-webrtc" "$root/etc/avahi/services" \
  "$root/usr/bin" "$root/usr/lib/systemd/system" "$root/usr/share/man/man1" "$root/usr/share/lintian/overrides"

cp -R dist static package.json config.example.toml "$program/"
node packaging/production-modules.mjs > "$root/modules"
while read -r module; do
  [ -d "$module" ] || fail "$module is missing: npm run setup"
  mkdir -p "$program/$module"
  cp -R "$module/." "$program/$module/"
  # A nested package is in the list if it is needed.
  rm -rf "$program/$module/node_modules"
done < "$root/modules"
# The program reads none of these.
find "$program" -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.flow' -o -name tsconfig.json \
  -o -name '*.tsbuildinfo' -o -name '.*' \) -delete
find "$program/node_modules" -type f -iname '*.md' ! -iname 'license*' -delete
find "$program" -depth -type d -empty -delete
find "$program" -type f -exec chmod 644 {} +
# Debian does not allow env here; the command passes these flags too.
flags=$(sed -n '1s/^#!.* node \(.*\)$/\1/p' dist/main.js)
sed -i '1d' "$program/dist/main.js"

printf '#!/bin/sh\nexec /usr/bin/node %s /usr/lib/rpi-webrtc/dist/main.js "$@"\n' "$flags" > "$root/usr/bin/rpi-webrtc"
chmod 755 "$root/usr/bin/rpi-webrtc"
sed -e 's|/opt/rpi-webrtc|/usr/lib/rpi-webrtc|g' -e 's|^# Installed by systemd/install.sh\.|# Installed by the Debian package.|' \
  systemd/rpi-webrtc.service > "$root/usr/lib/systemd/system/rpi-webrtc.service"
cp packaging/config.toml "$root/etc/rpi-webrtc/"
chmod 640 "$root/etc/rpi-webrtc/config.toml"
cp packaging/avahi.service "$root/etc/avahi/services/rpi-webrtc.service"

cp config.example.toml "$documents/examples/"
cp README.md SECURITY.md "$documents/"
cp docs/*.md "$documents/docs/"
gzip -9n < CHANGELOG.md > "$documents/NEWS.md.gz"
{
  printf 'rpi-webrtc (%s) unstable; urgency=medium\n\n  * See NEWS.md.gz.\n\n -- ' "$version"
  sed -n 's/^Maintainer: //p' packaging/control | tr -d '\n'
  LC_ALL=C date -u -d "@$SOURCE_DATE_EPOCH" '+  %a, %d %b %Y %H:%M:%S +0000'
} | gzip -9n > "$documents/changelog.gz"
node packaging/copyright.mjs "$root/modules" > "$documents/copyright"
node packaging/manual.mjs "$here" "$version" | gzip -9n > "$root/usr/share/man/man1/rpi-webrtc.1.gz"
cp packaging/lintian-overrides "$root/usr/share/lintian/overrides/rpi-webrtc"
rm "$root/modules"

size=$(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f1)
sed -e "s/@VERSION@/$version/" -e "s/@SIZE@/$size/" packaging/control > "$root/DEBIAN/control"
(cd "$root" && find etc -type f -printf '/%p\n' | LC_ALL=C sort) > "$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do install -m 755 "packaging/$script" "$root/DEBIAN/$script"; done
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) > "$root/DEBIAN/md5sums"
# Git and npm may have left files that the owner's group can write.
chmod 755 "$root"
chmod -R g-w "$root"
dpkg-deb --root-owner-group "-Z$compression" --build "$root" "$output" > /dev/null
echo "package: $output/rpi-webrtc_${version}_all.deb, $size kB installed"
