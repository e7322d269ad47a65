#!/bin/sh
# Reads the sources without running them: lint.sh quick|full -- CFLAGS...
#
# quick is part of `make test`; full adds clang-tidy and shellcheck. A tool
# that is missing is a failure, for a check that did not run found nothing.
set -u
cd "$(dirname "$0")/../.." || exit 1

mode=$1
shift
[ "${1:-}" != -- ] || shift
flags=$*
count=0
bad=0

check() {	# promise, command...
	promise=$1
	shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $promise"
	else
		echo "not ok $count - $promise"
		bad=$((bad + 1))
	fi
}

# Every folder that holds C of ours.
c_files() {
	git ls-files -co --exclude-standard -- "$@" 2>/dev/null ||
	    find cgi-src tests -name '*.[ch]'
}

format() {
	c_files 'cgi-src/*.[ch]' 'tests/*.[ch]' ':!tests/layers' |
	    xargs "${CLANG_FORMAT:-clang-format}" --dry-run -Werror
}

# The loops of uthash and utlist are macros: without their text cppcheck sees
# no loop at all.
cppcheck_all() {
	macros=$(printf '#include <uthash.h>\n#include <utlist.h>\n' |
	    "${CC:-cc}" -E - |
	    sed -n 's/^# 1 "\(.*ut\(hash\|list\)\.h\)".*/--include=\1/p')
	# shellcheck disable=SC2086 # an option each
	"${CPPCHECK:-cppcheck}" --quiet --error-exitcode=1 --inline-suppr \
	    --std=c11 --enable=warning,performance,portability \
	    --suppress=missingIncludeSystem -j 2 -I cgi-src \
	    $macros -D LB_VERSION='"0"' cgi-src
}

# shellcheck disable=SC2016 # the inner shell's own words
tidy() {
	export flags
	printf '%s\n' cgi-src/*.c | xargs -P 2 -n 4 \
	    sh -c '"${CLANG_TIDY:-clang-tidy}" --quiet "$@" -- $flags' tidy
}

# The pages and each folder of tests have a project of their own.
types() {
	for project in tests/tsconfig.json tests/*/tsconfig.json; do
		tests/node_modules/.bin/tsc -p "$project" || return 1
	done
}

check 'C files are in the house style' format
check 'cppcheck is clean' cppcheck_all
check 'the manuals are clean' mandoc -Tlint -W warning cgi-src/man/*
check 'the JavaScript has the types it says' types
if [ "$mode" = full ]; then
	check 'clang-tidy is clean' tidy
	# shellcheck disable=SC2046
	check 'shellcheck is clean' shellcheck $(find .ci tests \
	    -path tests/node_modules -prune -o -name '*.sh' -print) .ci/run
fi
echo "1..$count"
[ "$bad" -eq 0 ]
