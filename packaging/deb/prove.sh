#!/usr/bin/env bash
# Installs, runs, upgrades, removes and purges the package in a throw-away root, as root, without touching the host.
#
#   packaging/deb/prove.sh OLD.deb NEW.deb [ROOT]
#
# ROOT is a Debian tree, such as `debootstrap --variant=minbase --include=adduser bookworm ROOT` makes; without it the
# host's own file system is looked at through an overlay. Everything happens in memory, in a mount, process and
# network namespace of its own, and is gone afterwards.
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: prove.sh OLD.deb NEW.deb [ROOT]" >&2; exit 2; }
old=$(realpath "$1") new=$(realpath "$2") lower=$(realpath "${3:-/}")

if [ -z "${NOTIFYMDM_PROVE_INSIDE:-}" ]; then
    NOTIFYMDM_PROVE_INSIDE=1 exec unshare --mount --net --pid --fork --kill-child --mount-proc \
        "$0" "$old" "$new" "$lower"
fi

place=/run/notifymdm-prove
mkdir -p "$place"
mount -t tmpfs tmpfs "$place"
mkdir "$place"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$place/upper,workdir=$place/work" "$place/root"
root=$place/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
ip link set lo up 2>/dev/null || ifconfig lo up
cp "$old" "$root/srv/old.deb"
cp "$new" "$root/srv/new.deb"
# Debian asks this before a package starts its service; here the service is started by hand.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 0755 "$root/usr/sbin/policy-rc.d"

clean=(/usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive HOME=/var/lib/notifymdm)
inside() { chroot "$root" "${clean[@]}" "$@"; }
notifymdm() {
    chroot --userspec=notifymdm:notifymdm "$root" "${clean[@]}" notifymdm --config /etc/notifymdm/notifymdm.toml "$@"
}
say() { echo "prove: $*"; }
fail() { echo "prove: FAILED: $*" >&2; exit 1; }

server=""
start() {
    # Not through the function above: the number must be the server's own, not that of a shell around it.
    chroot --userspec=notifymdm:notifymdm "$root" "${clean[@]}" \
        notifymdm --config /etc/notifymdm/notifymdm.toml serve >"$place/serve.log" 2>&1 &
    server=$!
    for _ in $(seq 1 150); do
        if curl -fsk --max-time 2 https://127.0.0.1:8443/readyz >/dev/null 2>&1; then return; fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.2
    done
    cat "$place/serve.log" >&2
    fail "the server does not answer"
}
stop() {
    kill -TERM "$server"
    wait "$server" || fail "the server ended with $?"
}

say "install $(basename "$old")"
inside dpkg -i /srv/old.deb >"$place/dpkg.log" 2>&1 || { cat "$place/dpkg.log" >&2; fail "dpkg"; }
[ "$(stat -c %a "$root/var/lib/notifymdm")" = 700 ] || fail "the data directory is open to others"
start
notifymdm org create proof --name Proof --mail-domain proof.test >/dev/null
grep -q 'First administrator' "$place/serve.log" || fail "no set-up link was printed"
stop

say "upgrade to $(basename "$new")"
echo '# kept' >>"$root/etc/notifymdm/notifymdm.toml"
inside dpkg --force-confold -i /srv/new.deb >"$place/dpkg.log" 2>&1 || { cat "$place/dpkg.log" >&2; fail "dpkg"; }
grep -q '^# kept$' "$root/etc/notifymdm/notifymdm.toml" || fail "the configuration was replaced"
start
notifymdm org list | grep -q '^proof' || fail "the organization is gone after the upgrade"
stop
notifymdm verify-journal >/dev/null || fail "the journal does not verify after the upgrade"

say "remove"
inside dpkg -r notifymdm >/dev/null 2>&1
[ ! -e "$root/usr/bin/notifymdm" ] || fail "the program is still there"
[ -s "$root/var/lib/notifymdm/notifymdm.db" ] || fail "removing took the data away"
[ -s "$root/var/lib/notifymdm/secret.key" ] || fail "removing took the key away"

say "purge"
inside dpkg -P notifymdm >/dev/null 2>&1
[ ! -e "$root/var/lib/notifymdm" ] || fail "purging left the data"
[ ! -e "$root/etc/notifymdm" ] || fail "purging left the configuration"
! inside getent passwd notifymdm >/dev/null || fail "purging left the user"
say "good: installed, served, upgraded with its data, removed, purged"
