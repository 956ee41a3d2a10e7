# Tests one of this machine's servers: stops all, starts that one, waits until it answers, crawls it,
# loads it and stores the summaries. The variables above come from environment.nix; LOADTEST_SERVERS
# has a line `name unit url` for each server, and flags of loadgen win over the K6_ ones.

usage() {
    echo "usage: loadtest SERVER FOLDER [FLAG OF LOADGEN]..."
    echo "servers: ${names[*]}"
}

fail() {
    echo "loadtest: $1" >&2
    exit "${2:-1}"
}

names=()
units=()
unit=""
url=""
while read -r its_name its_unit its_url; do
    names+=("$its_name")
    units+=("$its_unit")
    if [ "$its_name" = "${1:-}" ]; then
        unit=$its_unit
        url=$its_url
    fi
done <<<"$LOADTEST_SERVERS"

if [ $# -lt 2 ]; then
    usage >&2
    exit 2
fi
[ -n "$unit" ] || fail "no server is named '$1'; there are ${names[*]}" 2
folder=$2
shift 2

systemctl stop "${units[@]}"
# A signal is answered when loadgen, which gets it too, has written what it has measured.
trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap 'systemctl stop "$unit"' EXIT
systemctl start "$unit"

deadline=$((SECONDS + 30))
until curl --silent --fail --output /dev/null --max-time 2 "$url"; do
    systemctl --quiet is-active "$unit" || fail "$unit ended before it answered at $url"
    [ "$SECONDS" -lt "$deadline" ] || fail "$unit does not answer at $url within 30 s"
    sleep 0.1
done

mkdir -p "$folder"
loadgen crawl "$url" >"$folder/paths.json"

status=0
loadgen --host "$url" --paths "$folder/paths.json" --report-dir "$folder" "$@" || status=$?

# The summary is what was measured until then.
systemctl --quiet is-active "$unit" || fail "$unit ended while it was tested; see journalctl -u $unit"
exit "$status"
