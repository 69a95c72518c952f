#!/usr/bin/env bash
# Builds notifymdm_VERSION_ARCH.deb from the binary of the `dist` profile (or the one given).
#
#   packaging/deb/build.sh [--binary FILE] [--output FOLDER]
#
# Needs dpkg-deb and nothing else of Debian's packaging tools. The package is reproducible: same binary and same
# commit, same bytes.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
binary="" output="$target/packages"

while [ $# -gt 0 ]; do
    case $1 in
        --binary) binary=${2:?--binary needs a file}; shift 2 ;;
        --output) output=${2:?--output needs a folder}; shift 2 ;;
        *) echo "build.sh: unknown argument $1; known are --binary FILE and --output FOLDER" >&2; exit 2 ;;
    esac
done
command -v dpkg-deb >/dev/null || { echo "build.sh: dpkg-deb is missing: apt-get install dpkg" >&2; exit 1; }

if [ -z "$binary" ]; then
    (cd "$root" && cargo build --locked --profile dist --package notifymdm-server)
    binary=$target/dist/notifymdm
fi
[ -x "$binary" ] || { echo "build.sh: $binary is not a program" >&2; exit 1; }

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
arch=$(dpkg --print-architecture)
revision=1
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)}
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
umask 022
# The folder's own rights become those of / where the package is installed.
chmod 0755 "$stage"

install -D -m 0755 "$binary" "$stage/usr/bin/notifymdm"
install -D -m 0644 "$root/packaging/deb/notifymdm.service" "$stage/usr/lib/systemd/system/notifymdm.service"
install -D -m 0644 "$root/packaging/deb/notifymdm.toml" "$stage/etc/notifymdm/notifymdm.toml"
install -D -m 0644 "$root/packaging/deb/copyright" "$stage/usr/share/doc/notifymdm/copyright"
gzip -9n <"$root/CHANGELOG.md" | install -D -m 0644 /dev/stdin "$stage/usr/share/doc/notifymdm/changelog.gz"
for script in postinst prerm postrm; do
    install -D -m 0755 "$root/packaging/deb/$script" "$stage/DEBIAN/$script"
done
echo /etc/notifymdm/notifymdm.toml >"$stage/DEBIAN/conffiles"

# The C library is the only thing it links to that is not inside; ask the binary which version it needs.
glibc=$(grep -aoE 'GLIBC_2\.[0-9]+' "$binary" | sort -u -t. -k2 -n | tail -n 1 | sed 's/GLIBC_//' || true)
cat >"$stage/DEBIAN/control" <<CONTROL
Package: notifymdm
Version: $version-$revision
Architecture: $arch
Maintainer: The NotifyMDM developers <notifymdm@localhost>
Section: net
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$stage" | cut -f1)
Depends: libc6 (>= ${glibc:-2.36}), libgcc-s1, adduser
Recommends: ca-certificates
Suggests: postgresql
Description: mobile device management server with an ActiveSync gateway
 NotifyMDM stands between phones and the mail server. It gives every device a
 policy, lets mail through only while the device keeps to it, wipes what is lost,
 and tells Cisco ISE which devices are in order.
CONTROL
(cd "$stage" && find usr etc -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$stage" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0 -r touch --no-dereference --date="@$SOURCE_DATE_EPOCH"

mkdir -p "$output"
file="$output/notifymdm_${version}-${revision}_$arch.deb"
dpkg-deb --root-owner-group -Zxz --build "$stage" "$file" >/dev/null
echo "$file"
