#!/bin/sh
# The program stands on its floors, and the check that says so can fail:
# each folder of refused/ breaks one rule and holds the words that tell it.
cd "$(dirname "$0")" || exit 1
python=${PYTHON:-python3}
count=0 bad=0

tell() {	# result, promise
	count=$((count + 1))
	[ "$1" = 'ok' ] || bad=$((bad + 1))
	echo "$1 $count - $2"
}

if "$python" check.py ../../cgi-src; then
	tell ok 'cgi-src stands on its floors'
else
	tell 'not ok' 'cgi-src stands on its floors'
fi

for folder in accepted/*/; do
	if "$python" check.py "$folder"; then
		tell ok "accepts ${folder%/}"
	else
		tell 'not ok' "accepts ${folder%/}"
	fi
done

for folder in refused/*/; do
	said=$("$python" check.py "$folder")
	if [ $? -eq 1 ] && [ "$said" = "$(cat "$folder/expect")" ]; then
		tell ok "refuses ${folder%/}"
	else
		echo "# $said"
		tell 'not ok' "refuses ${folder%/}"
	fi
done

echo "1..$count"
[ "$bad" -eq 0 ]
