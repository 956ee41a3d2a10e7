# Starts the virtual machine in this terminal. What it keeps (its disk, and the key that leads into
# it, made at the first start) is in $BENCHVM_STATE, a folder .benchvm here unless it is set.

state=${BENCHVM_STATE:-.benchvm}
mkdir -p "$state"
chmod 700 "$state"
state=$(cd "$state" && pwd)

if ! [ -e "$state/key" ]; then
    ssh-keygen -q -t ed25519 -N "" -C benchvm -f "$state/key"
fi
mkdir -p "$state/share"
cp "$state/key.pub" "$state/share/authorized_keys"

export BENCHVM_SHARE=$state/share
export NIX_DISK_IMAGE=$state/disk.qcow2
echo "benchvm: 'benchvm-exec COMMAND' runs a command in it, 'benchvm-exec poweroff' ends it" >&2
exec "$BENCHVM_RUN" "$@"
