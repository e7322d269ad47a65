# Letterbox. `make help` lists the targets; config.mk, if there is one,
# overrides any variable of the first block.

VERSION =	0.1.0
PREFIX =	/usr/local
DESTDIR =
CC =		cc
PYTHON =	python3
PKG_CONFIG =	pkg-config
CLANG_FORMAT =	clang-format
CLANG_TIDY =	clang-tidy
CPPCHECK =	cppcheck
BUILD =		build
# npm's, which is newer than Debian's, for what drives a browser: the one of this
# machine is there.
FROM_NPM =	$(CURDIR)/tests/node_modules/node-linux
NODE =		PATH="$(FROM_NPM)-x64/bin:$(FROM_NPM)-arm64/bin:$$PATH" node
OPT =		-O2 -g
# What `letterbox hook` posts with: curl, or none.
COURIER =	curl
WERROR =	-Werror

-include config.mk

# One short line a command; V=1 shows the commands themselves.
Q =		$(if $(V),,@)
SAY =		@$(if $(V),:,printf '%-8s%s\n')

BINDIR =	$(PREFIX)/bin
MANDIR =	$(PREFIX)/share/man
DATADIR =	$(PREFIX)/share/letterbox
DOCDIR =	$(PREFIX)/share/doc/letterbox
SYSTEMDIR =	$(PREFIX)/lib/systemd/system
SYSUSERSDIR =	$(PREFIX)/lib/sysusers.d
SYSCONFDIR =	$(if $(filter /usr /usr/local,$(PREFIX)),,$(PREFIX))/etc

WARN =		-Wall -Wextra -Wpedantic -Wshadow -Wconversion \
		-Wstrict-prototypes -Wmissing-prototypes -Wcast-qual \
		-Wwrite-strings -Wvla -Wformat=2 -Wundef $(WERROR)
HARDEN =	-D_FORTIFY_SOURCE=2 -fstack-protector-strong \
		-fstack-clash-protection -fPIE
SANITIZE =	-fsanitize=address,undefined -fno-sanitize-recover=all \
		-fno-omit-frame-pointer

# libev ships no .pc file on Debian; uthash and what we use of libfcgi are
# headers only.
PKGS =		sqlite3 json-c nettle $(filter-out libnone,lib$(COURIER))
PKG_CFLAGS :=	$(patsubst -I%,-isystem %,$(shell \
		$(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null))
PKG_LIBS :=	$(or $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null), \
		-lsqlite3 -ljson-c -lnettle \
		$(patsubst lib%,-l%,$(filter libcurl,$(PKGS))))
LIBS =		$(PKG_LIBS) -lev

STD =		-std=c11
DEFS =		-DLB_VERSION='"$(VERSION)"'
INCS =		-Icgi-src $(PKG_CFLAGS)
REL_CFLAGS =	$(STD) $(OPT) $(HARDEN) $(WARN) $(DEFS) $(INCS) $(CFLAGS)
REL_LDFLAGS =	-pie -Wl,-z,relro,-z,now $(LDFLAGS)
ASAN_CFLAGS =	$(STD) -O1 -g $(SANITIZE) $(WARN) $(DEFS) $(INCS) $(CFLAGS)
ASAN_LDFLAGS =	$(SANITIZE) $(LDFLAGS)

# Of the couriers there is one in each program.
SRCS_BUT =	$(filter-out cgi-src/courier_%,$(sort $(wildcard cgi-src/*.c)))
SRCS =		$(SRCS_BUT) \
		$(sort $(wildcard cgi-src/courier_$(COURIER)*.c))
CALL_PAGES =	index room
GEN =		$(BUILD)/gen/schema_sql.c $(BUILD)/gen/openapi_json.c \
		$(BUILD)/gen/migrations.c $(BUILD)/gen/explain_json.c \
		$(BUILD)/gen/doctor_html.c $(BUILD)/gen/replay_html.c \
		$(BUILD)/gen/jsapi_js.c $(BUILD)/gen/websocket_js.c \
		$(BUILD)/gen/apprtc_html.c \
		$(CALL_PAGES:%=$(BUILD)/gen/%_html.c)
REL_OBJS =	$(SRCS:cgi-src/%.c=$(BUILD)/obj/%.o) \
		$(GEN:$(BUILD)/gen/%.c=$(BUILD)/obj/gen_%.o)
ASAN_OBJS =	$(SRCS:cgi-src/%.c=$(BUILD)/asan/obj/%.o) \
		$(GEN:$(BUILD)/gen/%.c=$(BUILD)/asan/obj/gen_%.o)
ASAN_LIB =	$(BUILD)/asan/libletterbox.a
UNITS =		$(patsubst tests/unit/%.c,$(BUILD)/unit/%, \
		$(sort $(wildcard tests/unit/test_*.c)))
UNIT_HELP =	$(patsubst tests/unit/%.c,$(BUILD)/unit/obj/%.o, \
		$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
FUSE_CFLAGS :=	$(patsubst -I%,-isystem %,$(shell \
		$(PKG_CONFIG) --cflags fuse3 2>/dev/null))
ODD_DISK =	$(if $(FUSE_CFLAGS),$(BUILD)/odd_disk)
C_FILES =	$(wildcard cgi-src/*.[ch] tests/unit/*.[ch] \
		tests/bench/*.[ch] tests/faults/*.[ch] tests/fuzz/*.[ch])

.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: all build run test soak dist bench install uninstall lint format asan \
	fuzz units variants help clean clean-run FORCE

all: build

build: $(BUILD)/letterbox	## compile build/letterbox (the default)

asan: $(BUILD)/asan/letterbox	## compile build/asan/letterbox, sanitized

$(BUILD)/letterbox: $(REL_OBJS)
	$(SAY) link $@
	$(Q)$(CC) $(REL_LDFLAGS) -o $@ $(REL_OBJS) $(LIBS)

$(BUILD)/asan/letterbox: $(ASAN_OBJS)
	$(SAY) link $@
	$(Q)$(CC) $(ASAN_LDFLAGS) -o $@ $(ASAN_OBJS) $(LIBS)

$(BUILD)/obj/%.o: cgi-src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(SAY) cc $<
	$(Q)$(CC) $(REL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/asan/obj/%.o: cgi-src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(SAY) asan $<
	$(Q)$(CC) $(ASAN_CFLAGS) -MMD -MP -c -o $@ $<

# The embedded files are one string each, longer than ISO C asks for.
$(BUILD)/obj/gen_%.o: $(BUILD)/gen/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(SAY) cc $<
	$(Q)$(CC) $(REL_CFLAGS) -Wno-overlength-strings -MMD -MP -c -o $@ $<

$(BUILD)/asan/obj/gen_%.o: $(BUILD)/gen/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(SAY) asan $<
	$(Q)$(CC) $(ASAN_CFLAGS) -Wno-overlength-strings -MMD -MP -c -o $@ $<

# Other flags, another program: objects are older than a changed flag.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(CC) $(REL_CFLAGS) $(ASAN_CFLAGS))' \
	    > $@.new; \
	if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi

$(BUILD)/gen/schema_sql.c: schema/letterbox.sql schema/embed.py
	@mkdir -p $(@D)
	$(SAY) embed $@
	$(Q)$(PYTHON) schema/embed.py text lb_schema_sql $< > $@

$(BUILD)/gen/openapi_json.c: $(wildcard schema/openapi.yaml) schema/embed.py
	@mkdir -p $(@D)
	$(SAY) embed $@
	$(Q)$(PYTHON) schema/embed.py yaml lb_openapi_json \
	    $(filter %.yaml,$^) > $@

$(BUILD)/gen/explain_json.c: schema/explain.json schema/embed.py
	@mkdir -p $(@D)
	$(SAY) embed $@
	$(Q)$(PYTHON) schema/embed.py text lb_explain_json $< > $@

$(BUILD)/gen/migrations.c: $(sort $(wildcard schema/migrations/*.sql)) \
    schema/embed.py
	@mkdir -p $(@D)
	$(SAY) embed $@
	$(Q)$(PYTHON) schema/embed.py migrations lb_migrations \
	    $(filter %.sql,$^) > $@

# Each page that travels inside the program is one file there, NAME_html.
$(BUILD)/gen/%_html.c: public_html/%.html schema/page.py schema/embed.py \
    $(wildcard public_html/css/* public_html/img/* public_html/js/*.js \
	public_html/js/*/*.js public_html/js/*/*/*.js)
	@mkdir -p $(@D)
	$(SAY) embed $@
	$(Q)$(PYTHON) schema/page.py lb_$*_html $< \
	    $(if $(filter $*,$(CALL_PAGES)),call) > $@

# Modules that pages of others take as one script; each may import any other.
SCRIPT_FILES =	$(wildcard public_html/js/*.js public_html/js/*/*.js) \
		schema/script.py schema/page.py schema/embed.py

$(BUILD)/gen/jsapi_js.c: $(SCRIPT_FILES)
	@mkdir -p $(@D)
	$(SAY) embed $@
	$(Q)$(PYTHON) schema/script.py lb_jsapi_js \
	    public_html/js/jsapi/main.js > $@

$(BUILD)/gen/websocket_js.c: $(SCRIPT_FILES)
	@mkdir -p $(@D)
	$(SAY) embed $@
	$(Q)$(PYTHON) schema/script.py lb_websocket_js \
	    public_html/js/websocket/main.js > $@

# For the tests of replacing the program: ours with one migration more.
variants: $(patsubst tests/faults/%.sql,$(BUILD)/variant/%, \
	$(wildcard tests/faults/*.sql))

$(BUILD)/variant/%.c: tests/faults/%.sql $(GEN)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) schema/embed.py migrations lb_migrations \
	    $(wildcard schema/migrations/*.sql) $< > $@

$(BUILD)/variant/%: $(BUILD)/variant/%.c $(REL_OBJS)
	$(SAY) link $@
	$(Q)$(CC) $(REL_CFLAGS) -Wno-overlength-strings $(REL_LDFLAGS) -o $@ \
	    $< $(filter-out %/gen_migrations.o,$(REL_OBJS)) $(LIBS)

# Unit tests link what they need of a sanitized archive without main().
units: $(UNITS) $(ODD_DISK) $(BUILD)/stress

# Many who post and read, and compare it with what was promised.
STRESS =	$(addprefix tests/,faults/stress.c faults/stress_cgi.c \
		bench/client.c bench/peer.c)
$(BUILD)/stress: $(STRESS) $(wildcard tests/faults/*.h tests/bench/*.h) \
    $(BUILD)/flags
	$(SAY) cc $@
	$(Q)$(CC) $(STD) $(OPT) $(WARN) -o $@ $(STRESS)

# A file system for tests, where libfuse3 is.
$(BUILD)/odd_disk: tests/faults/odd_disk.c $(BUILD)/flags
	$(SAY) cc $@
	$(Q)$(CC) $(STD) $(OPT) $(WARN) $(FUSE_CFLAGS) -o $@ $< \
	    $(shell $(PKG_CONFIG) --libs fuse3)

$(ASAN_LIB): $(filter-out %/main.o,$(ASAN_OBJS))
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/unit/obj/%.o: tests/unit/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(SAY) asan $<
	$(Q)$(CC) $(ASAN_CFLAGS) -Itests/unit -MMD -MP -c -o $@ $<

$(BUILD)/unit/%: $(BUILD)/unit/obj/%.o $(UNIT_HELP) $(ASAN_LIB)
	$(SAY) link $@
	$(Q)$(CC) $(ASAN_LDFLAGS) -o $@ $< $(UNIT_HELP) $(ASAN_LIB) -lcmocka $(LIBS)

run:	## serve the call page on this machine: PORT= TLS=1 HOST= APPRTC=1 STATE=
	@MAKE='$(MAKE)' BUILD='$(BUILD)' tests/setup/run.sh

test:	## run every suite, each against its budget of time
	@MAKE='$(MAKE)' BUILD='$(BUILD)' tests/setup/suites.sh

soak: build units variants	## the fault tests at length: 500 times kill -9, and more
	SOAK=1 $(NODE) --test $(sort $(wildcard tests/faults/*.test.mjs))
	SOAK=1 $(BUILD)/unit/test_store_faults
	SOAK=1 $(BUILD)/unit/test_store_damage
	SOAK=1 $(BUILD)/unit/test_store_recover
	SOAK=1 $(NODE) --test tests/replay/calls.test.mjs
	SOAK=1 $(NODE) --test tests/browser/replay-again.test.mjs
	SOAK=1 SUITES=reach tests/setup/suites.sh

include httpd-conf/upload/dist.mk

dist: $(DIST)/letterbox	## pack what is uploaded: build/letterbox-*.tar.gz, .zip
	$(SAY) pack $(BUILD)/$(DIST_NAME).tar.gz
	$(Q)$(PYTHON) httpd-conf/upload/pack.py $(VERSION) $(DIST)/letterbox \
	    $(BUILD)/$(DIST_NAME)

bench: build	## measure; medians, spread and the machine's name
	tests/bench/run
	$(NODE) tests/bench/small_host.mjs
	$(NODE) tests/bench/jsapi.mjs
	$(NODE) tests/bench/tell.mjs
	$(NODE) tests/bench/websocket.mjs
	$(NODE) tests/bench/replay.mjs
	$(NODE) tests/bench/hook.mjs

# What is installed: mode=file=place. In files of mode "text" the paths are
# those of this installation. Each is put in its place by a rename, so that a
# program that runs, or a page that is read, stays whole.
put =		$(foreach f,$(2),$(1)=$(f)=$(strip $(3))/$(notdir $(f)))
tree =		$(foreach f,$(shell find $(1) -type f ! -name '.*' \
		! -name '*.pyc'), \
		644=$(f)=$(DATADIR)/$(f))
COMPLETIONS =	$(BUILD)/completion/bash/letterbox \
		$(BUILD)/completion/zsh/_letterbox \
		$(BUILD)/completion/fish/letterbox.fish
SHARE =		$(PREFIX)/share
PLACES =	$(call put,755,$(BUILD)/letterbox,$(BINDIR)) \
		$(call put,644,$(BUILD)/completion/bash/letterbox, \
		$(SHARE)/bash-completion/completions) \
		$(call put,644,$(BUILD)/completion/zsh/_letterbox, \
		$(SHARE)/zsh/site-functions) \
		$(call put,644,$(BUILD)/completion/fish/letterbox.fish, \
		$(SHARE)/fish/vendor_completions.d) \
		$(call put,644,$(wildcard cgi-src/man/*.5),$(MANDIR)/man5) \
		$(call put,text,$(wildcard cgi-src/man/*.8),$(MANDIR)/man8) \
		$(call tree,public_html $(filter-out %.py,$(wildcard schema/*))) \
		$(call put,644,README.md CHANGELOG.md SECURITY.md LICENSE, \
		$(DOCDIR)) \
		$(call put,text,$(wildcard httpd-conf/*.conf httpd-conf/*.md), \
		$(DOCDIR)/examples) \
		$(call put,text,httpd-conf/letterbox.socket \
		httpd-conf/letterbox.service \
		httpd-conf/letterbox-hook.service,$(SYSTEMDIR)) \
		text=httpd-conf/letterbox.sysusers=$(SYSUSERSDIR)/letterbox.conf
OWN_DIRS =	$(DATADIR) $(DOCDIR)
ETC_CONF =	$(SYSCONFDIR)/letterbox.conf
PATHS =		sed -e 's|/usr/local/|$(PREFIX)/|g' \
		-e 's|/etc/letterbox\.conf|$(ETC_CONF)|g'

# Cuts $$it, an element of PLACES.
CUT =		mode=$${it%%=*}; it=$${it\#*=}; from=$${it%%=*}; \
		to="$(DESTDIR)$${it\#*=}"

# What the shells complete by is what the program says of itself.
$(COMPLETIONS): $(BUILD)/letterbox
	@mkdir -p $(@D)
	$(Q)$(BUILD)/letterbox completion $(notdir $(@D)) > $@

install: build $(COMPLETIONS)	## program, manuals, pages, units: DESTDIR= PREFIX=
	@set -e; umask 022; for it in $(PLACES); do \
		$(CUT); install -d "$${to%/*}"; \
		case $$mode in \
		text)	$(PATHS) "$$from" > "$$to.new"; chmod 644 "$$to.new" ;; \
		*)	install -m $$mode "$$from" "$$to.new" ;; \
		esac; \
		mv -f "$$to.new" "$$to"; \
	done
	@set -e; to="$(DESTDIR)$(ETC_CONF)"; install -d "$${to%/*}"; \
	if [ -e "$$to" ]; then echo "kept $$to"; \
	else install -m 644 httpd-conf/letterbox.conf "$$to"; fi

uninstall:	## remove what install put there; a changed letterbox.conf stays
	@set -e; for it in $(PLACES); do $(CUT); rm -f "$$to"; done
	@set -e; for dir in $(OWN_DIRS); do \
		[ ! -d "$(DESTDIR)$$dir" ] || \
		    find "$(DESTDIR)$$dir" -depth -type d -empty -delete; \
	done
	@to="$(DESTDIR)$(ETC_CONF)"; \
	if cmp -s httpd-conf/letterbox.conf "$$to"; then rm "$$to"; \
	elif [ -e "$$to" ]; then echo "kept $$to"; fi

lint:	## format, types, cppcheck, clang-tidy and shellcheck
	@tests/setup/install.sh build test tidy
	@CLANG_TIDY='$(CLANG_TIDY)' CPPCHECK='$(CPPCHECK)' \
	    CLANG_FORMAT='$(CLANG_FORMAT)' tests/setup/lint.sh full \
	    -- $(STD) $(DEFS) $(INCS)

format:	## put every C file into the house style
	$(CLANG_FORMAT) -i $(C_FILES)

fuzz:	## fuzz the parsers for FUZZ_SECONDS= each
	@tests/setup/install.sh build fuzz
	@BUILD='$(BUILD)' tests/fuzz/run.sh

clean:	## remove what was built
	rm -rf $(BUILD)

clean-run:	## remove the state that `make run` keeps
	@tests/setup/run.sh clean

help:	## print this list
	@echo 'letterbox $(VERSION): make TARGET'
	@awk -F ':.*##' '/^[a-z-]+:.*##/ { printf "  %-10s%s\n", $$1, $$2 }' \
	    Makefile

FORCE:

-include $(wildcard $(BUILD)/obj/*.d $(BUILD)/asan/obj/*.d \
	$(BUILD)/dist/obj/*.d \
	$(BUILD)/unit/obj/*.d)
