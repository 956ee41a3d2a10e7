# Runs a command in the machine that `benchvm` started, or a shell when none is given. It waits for
# ssh to answer, two minutes at most: a machine may be asked while it boots.

state=${BENCHVM_STATE:-.benchvm}
if ! [ -e "$state/key" ]; then
    echo "benchvm-exec: no key in $state; start 'benchvm' first, or set BENCHVM_STATE to its folder" >&2
    exit 1
fi

machine=(
    ssh -p "$BENCHVM_PORT" -i "$state/key"
    -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=5 -o LogLevel=ERROR
    -o StrictHostKeyChecking=accept-new -o "UserKnownHostsFile=$state/known_hosts"
    root@127.0.0.1
)

deadline=$((SECONDS + ${BENCHVM_WAIT:-120}))
until "${machine[@]}" true </dev/null 2>"$state/ssh.log"; do
    if [ "$SECONDS" -ge "$deadline" ]; then
        echo "benchvm-exec: the machine does not answer: $(tail -n 1 "$state/ssh.log")" >&2
        exit 1
    fi
    sleep 1
done

if [ $# -eq 0 ]; then
    exec "${machine[@]}"
fi
# ssh joins words with spaces and has them read by a shell.
exec "${machine[@]}" "$(printf '%q ' "$@")"
