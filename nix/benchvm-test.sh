# Tests a server in the machine that `benchvm` started, and brings its reports here. A threshold that
# was crossed, or a server that died, is this command's exit code; the reports are brought all the same.

if [ $# -eq 0 ]; then
    echo "usage: benchvm-test SERVER [FLAG OF LOADGEN]..." >&2
    exit 2
fi
server=$1
shift
there=/tmp/loadtest/$server
here=${BENCHVM_REPORTS:-reports/benchvm}/$server

benchvm-exec rm -rf "$there"
status=0
benchvm-exec loadtest "$server" "$there" "$@" || status=$?

if benchvm-exec test -d "$there"; then
    mkdir -p "$here"
    benchvm-exec tar -C "$there" -cf - . | tar -C "$here" -xf -
    echo "benchvm-test: reports are in $here" >&2
fi
exit "$status"
