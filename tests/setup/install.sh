#!/bin/sh
# Installs what is missing: install.sh GROUP..., the groups being build, run,
# tls, dist, test, tidy and fuzz. It looks for the thing itself, not for a
# package, so what was installed by other means counts. With apt-get it installs
# (by sudo when not root); elsewhere it prints what to install and stops.
# shellcheck disable=SC2086 # lists of packages are many words
set -u

# group  what to find  Debian packages that bring it
table='
build  cmd:cc               gcc libc6-dev
build  cmd:pkg-config       pkg-config
build  inc:fastcgi.h        libfcgi-dev
build  inc:sqlite3.h        libsqlite3-dev
build  inc:json-c/json.h    libjson-c-dev
build  inc:ev.h             libev-dev
build  inc:nettle/hmac.h    nettle-dev
build  inc:uthash.h         uthash-dev
build  inc:curl/curl.h      libcurl4-openssl-dev
build  py:yaml              python3-yaml
run    cmd:lighttpd         lighttpd
run    cmd:sqlite3          sqlite3
run    cmd:curl             curl ca-certificates
run    cmd:ps               procps
run    cmd:openssl          openssl
tls    cmd:qrencode         qrencode
tls    mod:mod_openssl      lighttpd-mod-openssl
dist   cmd:npm              npm
test   inc:cmocka.h         libcmocka-dev
test   cmd:node             nodejs
test   cmd:npm              npm
test   cmd:clang-format     clang-format
test   cmd:cppcheck         cppcheck
test   cmd:mandoc           mandoc
tidy   cmd:clang-tidy       clang-tidy
tidy   cmd:shellcheck       shellcheck
test   cmd:chromium         chromium
test   cmd:nginx            nginx-light
test   cmd:apache2          apache2
test   apa:mod_fcgid        libapache2-mod-fcgid
test   cmd:git              git
test   cmd:php              php-cli
test   cmd:php-cgi          php-cgi
test   py:flask             python3-flask
test   cmd:fusermount3      fuse3
test   inc:fuse3/fuse_opt.h   libfuse3-dev
test   file:/usr/lib/apache2/suexec-custom  apache2-suexec-custom
test   cmd:setpriv          util-linux
test   cmd:script           bsdutils
test   cmd:systemd-analyze  systemd
test   cmd:zsh              zsh
test   cmd:fish             fish
fuzz   cmd:clang            clang
'
PATH=$PATH:/usr/sbin:/sbin
CC=${CC:-cc}
PYTHON=${PYTHON:-python3}

# Quoted includes of a system header find it all the same, and -E needs no
# library to link against.
has_header() {
	echo "#include <$1>" | "$CC" -E - >/dev/null 2>&1
}

has_module() {	# name, web server as its folders are called
	for folder in /usr/lib/$2 /usr/local/lib/$2 /usr/lib/*/"$2" /usr/lib64/$2
	do
		if [ -e "$folder/$1.so" ] || [ -e "$folder/modules/$1.so" ]; then
			return 0
		fi
	done
	return 1
}

has() {	# kind:name
	case $1 in
	cmd:*)	command -v "${1#cmd:}" >/dev/null 2>&1 ;;
	inc:*)	has_header "${1#inc:}" ;;
	py:*)	"$PYTHON" -c "import ${1#py:}" >/dev/null 2>&1 ;;
	mod:*)	has_module "${1#mod:}" lighttpd ;;
	apa:*)	has_module "${1#apa:}" apache2 ;;
	file:*)	[ -e "${1#file:}" ] ;;
	esac
}

missing() {	# groups -> "kind:name packages..." a line
	echo "$table" | while read -r group thing packages; do
		case " $* " in
		*" $group "*) has "$thing" || echo "$thing $packages" ;;
		esac
	done
}

# Debian starts a web server as it is installed; we want the program only.
stop_service() {
	[ -d /run/systemd/system ] || return 0
	echo "install: not starting $1 as a service of this machine" >&2
	$sudo systemctl disable --now "$1" >/dev/null 2>&1
}

lacks=$(missing "$@")
[ -n "$lacks" ] || exit 0

packages=$(echo "$lacks" | cut -d' ' -f2- | tr '\n' ' ')
things=$(echo "$lacks" | cut -d' ' -f1 | cut -d: -f2 | tr '\n' ' ')
echo "install: missing: $things" >&2
if ! command -v apt-get >/dev/null 2>&1; then
	echo "install: no apt-get here; please install (by Debian's names):" \
	    "$packages" >&2
	exit 1
fi

sudo=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "install: neither root nor sudo; please run as root:" \
		    "apt-get install $packages" >&2
		exit 1
	fi
	sudo=sudo
fi

echo "install: $sudo apt-get install $packages" >&2
# A list that cannot be renewed may still name what we need.
$sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
    --no-install-recommends $packages >&2; then
	echo "install: apt-get failed; its words stand above" >&2
	exit 1
fi
for service in lighttpd nginx apache2; do
	case " $things " in
	*" $service "*) stop_service "$service" ;;
	esac
done

lacks=$(missing "$@")
[ -z "$lacks" ] || {
	echo "install: still missing: $(echo "$lacks" | tr '\n' ';')" >&2
	exit 1
}
