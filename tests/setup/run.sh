#!/bin/sh
# Serves Letterbox on this machine until Ctrl-C: run.sh, by `make run`.
#
#   PORT=8080   this port and no other; without it the next free one
#   TLS=1       https for the local network, self-signed
#   HOST=...    the name or address others reach this machine by (with TLS)
#   APPRTC=1    AppRTC too, on a port of its own
#   STATE=DIR   database, certificate and logs; ./run-data
#
# What must outlive a run is in STATE; the web server's configuration and the
# socket are in a scratch folder that goes with the run. `run.sh clean`
# removes STATE.
#
# shellcheck disable=SC2317 # stop() is called by a trap
set -u

root=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
here=$root/tests/setup
BUILD=${BUILD:-build}
MAKE=${MAKE:-make}
PYTHON=${PYTHON:-python3}
PORT=${PORT:-}
HOST=${HOST:-}
TLS=${TLS:-}
APPRTC=${APPRTC:-}
STATE=${STATE:-run-data}
PATH=$PATH:/usr/sbin:/sbin
[ "$TLS" = 0 ] && TLS=
[ "$APPRTC" = 0 ] && APPRTC=

die() {
	echo "make run: $*" >&2
	exit 1
}

case $STATE in
/*)	state=$STATE ;;
*)	state=$root/$STATE ;;
esac
case $BUILD in
/*)	program=$BUILD/letterbox ;;
*)	program=$root/$BUILD/letterbox ;;
esac
mark=$state/letterbox.conf

# --- make clean-run --------------------------------------------------------

clean() {
	[ -d "$state" ] || return 0
	[ -f "$mark" ] || die "$state was not made by make run; left alone"
	exec 9>"$state/lock"
	if command -v flock >/dev/null && ! flock -n 9; then
		die "$state is in use; end that make run first"
	fi
	rm -rf "$state"
	echo "removed $STATE"
}

if [ "${1:-}" = clean ]; then
	clean
	exit
fi

# --- where -----------------------------------------------------------------

# The address by which this machine leaves for the network, or nothing.
lan_address() {
	"$PYTHON" - <<-'END'
	import socket
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
	    try:
	        probe.connect(("192.0.2.1", 9))  # sends nothing
	        print(probe.getsockname()[0])
	    except OSError:
	        pass
	END
}

# can_listen ADDRESS PORT: 0 free, 1 busy, 2 not an address of this machine
can_listen() {
	"$PYTHON" - "$1" "$2" <<-'END'
	import errno, socket, sys
	try:
	    info = socket.getaddrinfo(sys.argv[1], int(sys.argv[2]),
	                              socket.AF_INET, socket.SOCK_STREAM)[0]
	    with socket.socket(info[0], info[1]) as probe:
	        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
	        probe.bind(info[4])
	        probe.listen(1)
	except OSError as error:
	    sys.exit(1 if error.errno in (errno.EADDRINUSE, errno.EACCES) else 2)
	END
}

resolve() {
	"$PYTHON" -c 'import socket, sys
print(socket.gethostbyname(sys.argv[1]))' "$1" 2>/dev/null
}

choose_address() {
	scheme=http address=127.0.0.1 name=127.0.0.1
	if [ -z "$TLS" ]; then
		[ -z "$HOST" ] || die "HOST= wants TLS=1 with it: beyond this" \
		    "machine browsers give a camera to https only"
		return
	fi
	scheme=https
	name=${HOST:-$(lan_address)}
	[ -n "$name" ] || die "no network found; say HOST="
	address=$(resolve "$name") || die "HOST=$name: no such name"
	can_listen "$address" 0
	[ $? -ne 2 ] || die "HOST=$name is not an address of this machine"
}

choose_port() {
	if [ -n "$PORT" ]; then
		case $PORT in
		*[!0-9]*|??????*)	die "PORT=$PORT is not a port" ;;
		esac
		if [ "$PORT" -lt 1 ] || [ "$PORT" -gt 65535 ]; then
			die "PORT=$PORT is not a port: 1 to 65535"
		fi
		can_listen "$address" "$PORT" ||
		    die "port $PORT is busy (or not ours to use);" \
			"choose another: make run PORT=$((PORT + 1))"
		port=$PORT
	else
		port=$(free_port 8080) || exit 1
	fi
	[ -z "$APPRTC" ] || apprtc=$(free_port $((port + 10))) || exit 1
}

# free_port FIRST: the next one that nobody has, of a hundred
free_port() {
	free=$1
	until can_listen "$address" "$free"; do
		free=$((free + 1))
		[ "$free" -lt $(($1 + 100)) ] ||
		    die "ports $1 to $((free - 1)) are all busy"
	done
	echo "$free"
}

# --- files -----------------------------------------------------------------

make_state() {
	if ! mkdir -p "$state/data" "$state/log" "$state/tls" ||
	    ! chmod 700 "$state" "$state/data" "$state/tls"; then
		die "cannot write $state"
	fi
	[ -f "$mark" ] || cat > "$mark" <<-END
	# Made by make run, and yours to change: it is read at each start.
	data_dir = $state/data
	log = info
	END
}

# The same with AppRTC spoken, whatever it says of that.
make_apprtc() {
	conf=$state/letterbox-apprtc.conf
	{
		echo "# Made by make run APPRTC=1 of letterbox.conf."
		sed '/^[[:space:]]*dialect\.apprtc[[:space:]]*=/d' "$mark"
		echo "dialect.apprtc = on"
	} > "$conf" || die "cannot write $conf"
}

make_certificate() {
	pem=$state/tls/$name.pem
	openssl x509 -in "$pem" -noout -checkend 86400 >/dev/null 2>&1 &&
	    return
	case $name in
	*[!0-9.]*)	alternative=DNS:$name,IP:$address ;;
	*)		alternative=IP:$address ;;
	esac
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
	    -nodes -days 90 -subj "/CN=$name" \
	    -addext "subjectAltName=$alternative" \
	    -keyout "$state/tls/$name.key" -out "$pem" 2> "$scratch/openssl" ||
	    die "openssl: $(cat "$scratch/openssl")"
}

# set_variables NAME=VALUE...: copies a configuration of httpd-conf, with the
# values of its first block replaced.
set_variables() {
	"$PYTHON" -c '
import re, sys
text = sys.stdin.read()
for pair in sys.argv[1:]:
    name, value = pair.split("=", 1)
    text, count = re.subn(r"(?m)^(var\.%s\s*=\s*)(\"[^\"]*\"|\d+)" % name,
        lambda found: found[1] + (value if value.isdigit() else
            "\"%s\"" % value), text)
    if count != 1:
        sys.exit("no variable " + name)
print(text, end="")' "$@"
}

make_httpd_conf() {
	# The symbolic link keeps blanks of our path from the web server,
	# which would take them for the ends of arguments.
	ln -s "$program" "$scratch/letterbox"
	files=32768
	# shellcheck disable=SC3045 # not POSIX, but in every sh there is
	hard=$(ulimit -Hn)
	[ "$hard" = unlimited ] || [ "$hard" -ge $files ] || files=$hard
	{
		set_variables "pages=$root/public_html" \
		    "program=$scratch/letterbox" "conf=$conf" \
		    "run=$scratch" "logs=$state/log" "address=$address" \
		    "port=$port" "files=$files" \
		    < "$root/httpd-conf/lighttpd.conf"
		if [ -n "$TLS" ]; then
			set_variables "certificate=$state/tls/$name.pem" \
			    "key=$state/tls/$name.key" \
			    < "$root/httpd-conf/lighttpd-tls.conf"
		fi
		if [ -n "$APPRTC" ]; then
			set_variables "apprtc=$address:$apprtc" \
			    < "$root/httpd-conf/lighttpd-apprtc.conf"
		fi
		# shellcheck disable=SC2016 # the dollar is lighttpd's
		[ -z "$APPRTC" ] || [ -z "$TLS" ] ||
		    echo '$SERVER["socket"] == var.apprtc {' \
			'ssl.engine = "enable" }'
	} > "$scratch/lighttpd.conf" || die "cannot write $scratch"
}

# --- run -------------------------------------------------------------------

httpd=''
scratch=''

# Programs of this run that have not ended: by their name in our scratch folder,
# for a Ctrl-C reaches the web server too, and may end it before we look for
# its children. What waits for its parent only (a zombie) has ended.
programs() {
	ps -A -o pid= -o stat= -o args= |
	    awk -v name="$scratch/letterbox" '$2 !~ /^Z/ && $3 == name {
		print $1 }'
}

# Ends the web server and the program it started, and waits for both.
stop() {
	trap '' INT TERM HUP
	if [ -n "$httpd" ]; then
		kill -TERM "$httpd" 2>/dev/null
		wait "$httpd" 2>/dev/null
		tries=0
		while left=$(programs) && [ -n "$left" ]; do
			tries=$((tries + 1))
			signal=TERM
			[ "$tries" -lt 50 ] || signal=KILL
			# shellcheck disable=SC2086 # one or more pids
			[ $((tries % 10)) -ne 1 ] || kill -$signal $left
			sleep 0.1
		done 2>/dev/null
	fi
	[ -z "$scratch" ] || rm -rf "$scratch"
}

wait_until_ready() {
	tries=0
	until curl -fsk --max-time 5 -o /dev/null \
	    "$scheme://$address:$port/api/healthz"; do
		tries=$((tries + 1))
		if ! kill -0 "$httpd" 2>/dev/null || [ "$tries" -gt 100 ]; then
			tail -n 20 "$state"/log/*.log >&2
			die "it did not start; the last words stand above"
		fi
		sleep 0.1
	done
}

tell() {
	url=$scheme://$name:$port/
	database=$STATE/data/letterbox.db
	"$program" --version
	[ -z "$TLS" ] || qrencode -t UTF8 -m 2 "$url"
	echo
	echo "  Open     $url"
	[ -z "$APPRTC" ] || echo "  AppRTC   $scheme://$name:$apprtc/"
	if [ -n "$TLS" ]; then
		echo "  Invite   $url (self-signed: each browser asks once)"
		echo "           SHA-256 $(openssl x509 -in \
		    "$state/tls/$name.pem" -noout -fingerprint -sha256 |
		    cut -d= -f2)"
	else
		lan=$(lan_address)
		echo "  Invite   this machine only; for others:" \
		    "make run TLS=1 HOST=${lan:-ADDRESS}"
	fi
	echo "  Inspect  sqlite3 -readonly -box $database" \
	    "'SELECT * FROM timeline'"
	echo "  State    $STATE (make clean-run removes it)"
	echo "  Stop     Ctrl-C"
}

trap stop EXIT
trap 'exit 0' INT TERM HUP

# shellcheck disable=SC2086 # an empty word would be a group of no name
"$here/install.sh" build run ${TLS:+tls} || exit 1
version=$(lighttpd -v | sed -n 's/^lighttpd\/\([0-9.]*\).*/\1/p')
printf '1.4.69\n%s\n' "$version" | sort -CV ||
    die "lighttpd $version is too old; 1.4.69 tells of closed browsers"
choose_address
choose_port
"$MAKE" -s -C "$root" build BUILD="$BUILD" || exit 1
make_state
conf=$mark
[ -z "$APPRTC" ] || make_apprtc
scratch=$(mktemp -d /tmp/letterbox.XXXXXX) || exit 1
[ -z "$TLS" ] || make_certificate
make_httpd_conf

# Shared by all runs on this state; make clean-run wants it alone.
exec 9>"$state/lock"
! command -v flock >/dev/null || flock -s 9
umask 077
lighttpd -D -f "$scratch/lighttpd.conf" 2>> "$state/log/lighttpd.log" &
httpd=$!
wait_until_ready
tell
wait "$httpd"
tail -n 5 "$state/log/lighttpd.log" >&2
die "the web server ended by itself; its last words stand above"
