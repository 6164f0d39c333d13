# What .ci/run, .ci/long and .ci/release share. Each begins in the root of the tree.

# A tool that is missing after all fails the run instead of skipping its tests.
export SANGKIEN_TEST_REQUIRE=postgres,pgbouncer,node,python,chromium,nginx,caddy,libreoffice,mount

# For the demo to say where it is, and later to stop. Both take moments.
readonly patience_s=120

tmp=$(mktemp -d)
current='' started=0 demo_pid=''
leave() {
    local status=$?
    [ -z "$demo_pid" ] || kill -KILL "$demo_pid" 2>/dev/null || true
    rm -rf "$tmp"
    [ -z "$current" ] || printf '== %s: FAILED after %s s\n' "$current" "$((SECONDS - started))" >&2
    exit "$status"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step() { # name, command...
    current=$1 started=$SECONDS
    shift
    printf '\n== %s\n' "$current"
    "$@"
    printf '== %s: %s s\n' "$current" "$((SECONDS - started))"
    current=''
}

has_postgres() {
    command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

has_chromium() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
        command -v google-chrome >/dev/null
}

install_missing() {
    local packages=() root=()
    has_postgres || packages+=(postgresql)
    command -v node >/dev/null || packages+=(nodejs)
    command -v npm >/dev/null || packages+=(npm)
    has_chromium || packages+=(chromium)
    command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || packages+=(nginx-light)
    command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || packages+=(pgbouncer)
    command -v caddy >/dev/null || packages+=(caddy)
    command -v soffice >/dev/null || packages+=(libreoffice-calc-nogui)
    python3 -m pip --version >/dev/null 2>&1 || packages+=(python3-pip)
    if [ ${#packages[@]} -eq 0 ]; then
        echo 'nothing is missing'
        return
    fi
    [ "$(id -u)" -eq 0 ] || root=(sudo)
    "${root[@]}" apt-get update
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends "${packages[@]}"
}

# Debian 12 has an older one, whose failures would say nothing of it.
check_node() {
    local major
    major=$(node -p 'process.versions.node.split(".")[0]')
    [ "$major" -ge 20 ] || {
        echo "Node.js 20 or newer is needed, and this is $(node --version)" >&2
        return 1
    }
}

in_clients() { (cd tests/clients && "$@"); }

# Starts a demo in the background, and reads what it prints into $tmp/demo.log until it has said where it
# is and with which token.
start_demo() { # sets url, token
    local deadline=$((SECONDS + patience_s)) line
    url='' token=''
    mkfifo "$tmp/demo.out"
    : >"$tmp/demo.log"
    # Before the demo's time begins to run: another build may have left another program.
    cargo build --quiet --release
    # cargo replaces itself by the program, so the process is the server's.
    cargo run --quiet --release -- demo --listen 127.0.0.1:0 --reset --dir "$tmp/demo" \
        >"$tmp/demo.out" &
    demo_pid=$!
    exec 3<"$tmp/demo.out"
    while [ -z "$url" ] || [ -z "$token" ]; do
        if ! IFS= read -r -t "$((deadline > SECONDS ? deadline - SECONDS : 1))" line <&3; then
            echo "the demo did not get ready within $patience_s s, or ended" >&2
            cat "$tmp/demo.log" >&2
            return 1
        fi
        printf '%s\n' "$line" >>"$tmp/demo.log"
        case $line in
            'ready http://'*) url=${line#ready } ;;
            'admin token: '*) token=${line#admin token: } ;;
        esac
    done
    cat <&3 >>"$tmp/demo.log" & # it must never wait for a reader
}

stop_demo() {
    local status=0
    kill -TERM "$demo_pid"
    timeout "$patience_s" tail --pid="$demo_pid" -f /dev/null
    wait "$demo_pid" || status=$?
    demo_pid=''
    [ "$status" -eq 0 ] || { echo "the demo ended with $status" >&2; return 1; }
}
