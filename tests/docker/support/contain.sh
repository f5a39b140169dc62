#!/usr/bin/env bash
# Runs a program as a container engine would run it with --read-only,
# --cap-drop ALL and no-new-privileges; to be started in a mount and a PID
# namespace of its own, with the program's environment.
#
#   contain.sh ROOTFS UID:GID [SOURCE:TARGET:MODE...] -- PROGRAM...
#
# Each TARGET, which must exist in ROOTFS, shows SOURCE; MODE is ro or rw.
set -euo pipefail

rootfs=$1
user=$2
shift 2

# show SOURCE TARGET
show() { mount --bind "$1" "$rootfs$2"; }

mount --make-rprivate /
show "$rootfs" /
while [[ $1 != -- ]]; do
  IFS=: read -r source target mode <<<"$1"
  show "$source" "$target"
  mount -o "remount,bind,$mode" "$rootfs$target"
  shift
done
shift
mount -t proc proc "$rootfs/proc"
mount -t tmpfs -o mode=755,size=64k tmpfs "$rootfs/dev"
for device in null zero random urandom; do
  : >"$rootfs/dev/$device"
  show "/dev/$device" "/dev/$device"
done
mount -o remount,bind,ro "$rootfs"
cd "$rootfs"
# It ends with what has started it, which a change of user would undo.
exec chroot . /usr/bin/setpriv --reuid "${user%:*}" --regid "${user#*:}" \
  --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs \
  --pdeathsig KILL -- "$@"
