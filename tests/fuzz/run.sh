#!/bin/sh
# Fuzzes each parser for FUZZ_SECONDS (30), by `make fuzz`. Needs clang.
# What makes one fail is left in build/fuzz, and becomes a seed here with the
# change that mends it; what was found along the way stays in build/fuzz too.
set -eu
cd "$(dirname "$0")/../.."
seconds=${FUZZ_SECONDS:-30}
out=${BUILD:-build}/fuzz
mkdir -p "$out"
flags='-std=c11 -g -O1 -fsanitize=fuzzer,address,undefined
    -fno-sanitize-recover=all -Icgi-src'

parts() {	# fuzzer: the sources it needs
	case $1 in
	json)	echo json json_scan buf err ;;
	http)	echo http http_variable route name cursor token buf err ;;
	token)	echo channel_token token json json_scan buf err ;;
	cgi)	echo transport_cgi exchange loop log clock http \
		    http_variable buf err ;;
	recording) echo recording gist layout sdp plain redact redact_again \
		    redact_code redact_setting redact_place redact_text \
		    redact_json json json_scan buf err ;;
	conf)	echo conf conf_table conf_path front self json \
		    json_scan log buf err ;;
	record)	echo transport_fcgi_record buf ;;
	intake)	echo transport_fcgi_intake transport_fcgi_record http \
		    http_variable buf ;;
	esac
}

# What is elsewhere in the tree and makes a seed too.
more() {
	case $1 in
	json)	echo tests/unit/json/accept tests/unit/json/refuse ;;
	conf)	echo httpd-conf ;;
	esac
}

for name in ${FUZZ_ONLY:-json http conf record intake cgi token recording}; do
	sources=
	for part in $(parts "$name"); do
		sources="$sources cgi-src/$part.c"
	done
	mkdir -p "$out/$name.corpus"
	# shellcheck disable=SC2086 # flags and sources are many words
	clang $flags -o "$out/$name" "tests/fuzz/fuzz_$name.c" $sources \
	    -ljson-c -lnettle -lev
	echo "fuzzing $name for $seconds s"
	# shellcheck disable=SC2046 # more() is a list of folders
	"$out/$name" -max_total_time="$seconds" -timeout=5 -max_len=4096 \
	    -print_final_stats=1 \
	    -artifact_prefix="$out/$name-" \
	    "$out/$name.corpus" "tests/fuzz/seeds/$name" $(more "$name") \
	    > "$out/$name.log" 2>&1 || {
		tail -n 40 "$out/$name.log"
		exit 1
	}
	grep -E '^stat::(number|new)' "$out/$name.log"
done
