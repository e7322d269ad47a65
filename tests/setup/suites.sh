#!/bin/sh
# Runs the suites, each against its budget of time: suites.sh, by `make test`.
#
# SUITES="core call" picks among them. A suite that takes twice its budget is
# ended and has failed. What the parts said is in build/test/PART.log; of a
# part that failed it is shown. The last line counts all promises that were
# kept and broken.
#
# Machines are shared and noisy. A file of tests that fails beside others is run
# once more, alone; what it said first is shown and counted. Where more than two
# files of a part fail, none is, and none in the long form (SOAK=1).
set -u
cd "$(dirname "$0")/../.." || exit 1

BUILD=${BUILD:-build}
MAKE=${MAKE:-make}
SUITES=${SUITES:-set-up core proof channel call replay reach}
# playwright-core wants a newer node than Debian 12 has: it comes from npm, which
# puts in the one of this machine. Debian's npm makes no link to it in .bin.
from_npm=$PWD/tests/node_modules/node-linux
PATH=$from_npm-x64/bin:$from_npm-arm64/bin:$PATH
logs=$BUILD/test
passed=0
failed=0
repeated=0
mkdir -p "$logs"

# --- the table: suite, seconds, parts in their order -----------------------

suites() {
	suite set-up 180 tools packages build archive configs readme
	suite core   180 layers lint unit http
	suite proof  180 faults recordings
	suite channel 120 jsapi sockets samples
	suite call   180 browser
	suite replay 60 cli page
	suite reach  180 fronts calls seats upload
}

part_tools()	{ tests/setup/install.sh build run tls dist test; }
part_build()	{ "$MAKE" -j2 build asan units variants dist BUILD="$BUILD"; }
part_archive()	{ node_test tests/dist 1; }
part_layers()	{ tests/layers/run.sh; }
part_lint()	{ tests/setup/lint.sh quick; }
# shellcheck disable=SC2046 # a word each
part_http()	{ each $(($(nproc) + 2)) test_module $(http_files); }
part_jsapi()	{ each 2 test_module tests/browser/jsapi*.test.mjs; }
part_sockets()	{ each 2 test_module tests/browser/websocket*.test.mjs; }
part_recordings() { node_test tests/replay 2; }
part_page()	{ each 2 test_module tests/browser/replay*.test.mjs; }
part_samples()	{ node_test tests/samples 2; }
part_faults()	{ node_test tests/faults 1; }
part_cli()	{ node_test tests/cli 2; }
part_configs()	{ node_test tests/setup 1; }
part_readme()	{ node_test tests/readme 1; }
# Those that no other suite has. They wait more than they work.
part_browser()	{
	# shellcheck disable=SC2046 # a word each
	each $(($(nproc) + 1)) test_module $(find tests/browser \
	    -name '*.test.mjs' ! -name 'jsapi*' ! -name 'websocket*' \
	    ! -name 'replay*' | sort)
}

# npm writes this file last; older than ours, it is of another list.
part_packages() {
	[ -n "$(find tests/node_modules/.package-lock.json \
	    -newer tests/package-lock.json 2>/dev/null)" ] ||
	    npm --prefix tests ci
}

part_unit()	{ each "$(nproc)" test_program "$BUILD"/unit/test_*; }

# shellcheck disable=SC2046 # a word each
part_fronts()	{ each $(($(nproc) + 2)) test_front $(front_files); }
part_calls() {
	each 2 test_module tests/reach/call.test.mjs \
	    tests/reach/requests.test.mjs
}

part_seats()	{ each 1 test_module tests/reach/seats.test.mjs; }

part_upload() {
	"$MAKE" -s -j2 dist BUILD="$BUILD" >&2 || return 1
	each 2 test_module tests/reach/dropin.test.mjs \
	    tests/reach/onefile.test.mjs tests/reach/channel.test.mjs
}

# --- running files of tests ------------------------------------------------

# No file may use up the time of all: it has as long as its suite should take,
# so that one that has hung leaves time for a second try. In the foreground,
# that is in the process group of the part, so that the end of the part is theirs
# too.
file_limit() { timeout --foreground -k 10 "$LIMIT" "$@"; }
test_program() { CMOCKA_MESSAGE_OUTPUT=TAP file_limit "$1"; }
test_module()  { file_limit node --test --test-reporter=tap "$1"; }
test_front()   { FRONT=${1#*@} test_module "${1%@*}"; }

# The longest first, or the others have to wait for them at the end.
http_files() {
	long='seats storage rollback apprtc-seats channel-presence'
	for name in $long; do
		echo "tests/http/$name.test.mjs"
	done
	for file in tests/http/*.test.mjs; do
		name=${file##*/}
		case " $long " in
		*" ${name%.test.mjs} "*) ;;
		*)	echo "$file" ;;
		esac
	done
}

# FILE@FRONT: the tests of the rooms API over each web server. Plain CGI runs
# all of them, the others those that know a difference; with SOAK all run all.
api_main='join post poll presence lease processes input bodies paths stream
    front'
api_rest='bounds page rates rules storage tickets apprtc apprtc-collider
    apprtc-seats'

front_files() {
	for front in apache-cgid lighttpd-cgi nginx apache-proxy \
	    apache-proxy-reuse apache-fcgid; do
		files=$api_main
		if [ "$front" = apache-cgid ] || [ -n "${SOAK:-}" ]; then
			files="$api_main $api_rest"
		fi
		for file in $files; do
			echo "tests/http/$file.test.mjs@$front"
		done
	done
}

node_test() {	# folder, how many at once
	each "$2" test_module "$1"/*.test.mjs
}

# Runs each file, some at once, and prints what each said without mixing it.
each() {	# how many at once, function, files...
	jobs=$1
	run=$2
	shift 2
	[ -e "${1%@*}" ] || {
		echo "not ok - there are no tests: $1"
		return 1
	}
	rm -f "$logs/$PART"-*.log
	printf '%s\n' "$@" |
	    xargs -P "$jobs" -I '{}' sh "$0" --file "$run" '{}' "$logs/$PART-"
	again "$run" "$@"
	cat "$logs/$PART"-*.log
	! grep -q '^not ok' "$logs/$PART"-*.log
}

# What was said first is kept in PART.first.
again() {	# function, files...
	run=$1
	shift
	bad=$(grep -l '^not ok' "$logs/$PART"-*.log | wc -l)
	[ "$bad" -le 2 ] && [ -z "${SOAK:-}" ] || return
	for file in "$@"; do
		log=$logs/$PART-${file##*/}.log
		grep -q '^not ok' "$log" || continue
		{
			echo "    first: $file"
			complaints "$log" | sed 's/^/    | /'
		} >> "$logs/$PART.first"
		run_file "$run" "$file" "$logs/$PART-"
	done
}

run_file() {	# function, file, beginning of its log's name
	log=$3${2##*/}.log
	"$1" "$2" > "$log" 2>&1
	status=$?
	[ $status -eq 0 ] || grep -q '^not ok' "$log" ||
	    echo "not ok - $2 ended with $status" >> "$log"
}

# --- running ---------------------------------------------------------------

now() {
	date +%s
}

# count LOG: "passed failed skipped" as its TAP lines tell. node's closing
# figures count nested tests too, so they win over its lines.
count() {
	awk '
	/^# pass [0-9]/ { sum = 1; ok += $3 }
	/^# (fail|cancelled) [0-9]/ { bad += $3 }
	/^ *ok .*# SKIP/ { skipped++ }
	/^ok/ { lines_ok++ }
	/^not ok/ { lines_bad++ }
	END {
		if (!sum)
			ok = lines_ok - skipped
		print ok + 0, (sum ? bad : lines_bad) + 0, skipped + 0
	}' "$1"
}

# Runs one part within what is left of the suite's time.
part() {	# name, seconds left
	log=$logs/$1.log
	first=$logs/$1.first
	begun=$(now)
	: > "$first"
	timeout -k 10 "$2" sh "$0" --part "$1" > "$log" 2>&1 &
	running=$!
	wait "$running"
	status=$?
	running=''
	# shellcheck disable=SC2046 # three numbers
	set -- "$1" $(count "$log")
	good=$2
	bad=$3
	why=''
	[ "$4" -eq 0 ] || why=", $4 skipped"
	if [ "$status" -ne 0 ]; then
		[ "$bad" -gt 0 ] || bad=1
		if [ "$status" -eq 124 ]; then
			why="$why, out of time"
			[ -s "$log" ] || tail -n 8 "$logs/$1"-*.log > "$log"
		fi
	elif [ "$((good + bad))" -eq 0 ]; then
		good=1	# a step that tells by its exit alone
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
	printf '  %-10s %4d passed, %d failed, %d s%s\n' "$1" "$good" "$bad" \
	    "$(($(now) - begun))" "$why"
	cat "$first"
	repeated=$((repeated + $(grep -c '^    first: ' "$first")))
	[ "$bad" -eq 0 ] || show "$log"
}

complaints() {	# log
	awk '/^ *not ok/ { on = 1; print; next }
	    /^ *(ok|# Subtest|[0-9]+\.\.)/ { on = 0 }
	    on' "$1" | head -n 200
}

show() {	# log
	complaints "$1"
	echo "  --- the end of $1"
	tail -n 25 "$1"
	echo "  ---"
}

suite() {	# name, budget in seconds, parts...
	case " $SUITES " in
	*" $1 "*) ;;
	*)	return ;;
	esac
	name=$1
	budget=$2
	[ -z "${SOAK:-}" ] || budget=$((5 * budget))
	export LIMIT="$budget"
	shift 2
	start=$(now)
	echo "$name (budget $budget s)"
	for part in "$@"; do
		left=$((2 * budget - ($(now) - start)))
		if [ "$left" -lt 1 ]; then
			echo "  $part: no time left"
			failed=$((failed + 1))
		else
			part "$part" "$left"
		fi
	done
	echo "$name took $(($(now) - start)) s of $budget s"
}

case ${1:-} in
--part)	PART=$2; "part_$2"; exit ;;
--file)	run_file "$2" "$3" "$4"; exit ;;
esac

# A part runs in a process group of its own, which a Ctrl-C does not reach.
running=''
trap '[ -z "$running" ] || kill "$running"; exit 130' INT TERM HUP
suites
echo "$passed passed, $failed failed, $repeated files run once more"
[ "$failed" -eq 0 ]
