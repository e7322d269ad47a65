# What `make dist` does: one static program that is both CGI and FastCGI, and
# an archive of it and the pages to upload. The same tree gives the same bytes,
# wherever and whenever it is built.

DIST =		$(BUILD)/dist
DIST_NAME =	letterbox-$(VERSION)
UPLOAD =		httpd-conf/upload
DIST_OPT =	-O2

# SQLite's amalgamation, with the options it is compiled with. One thread, no
# code from elsewhere, and strings are strings. Versions before 3.51.3 may
# damage a database that several processes write to.
SQLITE_LEAST =	3051003
SQLITE =	$(DIST)/npm/node_modules/better-sqlite3/deps/sqlite3
SQLITE_DEFS =	-DSQLITE_THREADSAFE=0 -DSQLITE_DQS=0 \
		-DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_LIKE_DOESNT_MATCH_BLOBS \
		-DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_DEPRECATED \
		-DSQLITE_OMIT_SHARED_CACHE \
		-DSQLITE_USE_ALLOCA -DHAVE_USLEEP=1

# No path of this machine goes into the program, and nothing for a debugger.
# The linker warns of functions that would load code at run time.
DIST_CFLAGS =	$(STD) $(DIST_OPT) $(HARDEN) $(WARN) $(DEFS) -Icgi-src \
		-isystem $(SQLITE) $(PKG_CFLAGS) \
		-ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(BUILD)=build
DIST_LDFLAGS =	-static-pie -s -Wl,-z,relro,-z,now -Wl,--build-id=none \
		-Wl,--fatal-warnings
DIST_LIBS =	$(shell $(PKG_CONFIG) --libs --static json-c nettle \
		    2>/dev/null || echo -ljson-c -lnettle) -lev -lm
DIST_OBJS =	$(SRCS_BUT:cgi-src/%.c=$(DIST)/obj/%.o) \
		$(DIST)/obj/courier_none.o \
		$(GEN:$(BUILD)/gen/%.c=$(DIST)/obj/gen_%.o) \
		$(DIST)/obj/sqlite3.o

$(DIST)/letterbox: $(DIST_OBJS)
	$(SAY) link $@
	$(Q)$(CC) $(DIST_LDFLAGS) -o $@ $(DIST_OBJS) $(DIST_LIBS)

$(DIST)/obj/%.o: cgi-src/%.c $(BUILD)/flags $(SQLITE)/sqlite3.h
	@mkdir -p $(@D)
	$(SAY) dist $<
	$(Q)$(CC) $(DIST_CFLAGS) -MMD -MP -c -o $@ $<

$(DIST)/obj/gen_%.o: $(BUILD)/gen/%.c $(BUILD)/flags $(SQLITE)/sqlite3.h
	@mkdir -p $(@D)
	$(SAY) dist $<
	$(Q)$(CC) $(DIST_CFLAGS) -Wno-overlength-strings -MMD -MP -c -o $@ $<

# It is not ours to warn about. An amalgamation that is too old ends here.
$(DIST)/obj/sqlite3.o: $(SQLITE)/sqlite3.h httpd-conf/upload/dist.mk
	@mkdir -p $(@D)
	$(SAY) dist sqlite3.c
	$(Q)printf '#include "sqlite3.h"\n#if SQLITE_VERSION_NUMBER < %s\n#error too old\n#endif\n' \
	    $(SQLITE_LEAST) | $(CC) -I$(SQLITE) -E - >/dev/null
	$(Q)$(CC) $(DIST_OPT) $(HARDEN) -ffile-prefix-map=$(BUILD)=build \
	    $(SQLITE_DEFS) -c -o $@ $(SQLITE)/sqlite3.c

# The lock names each file's digest, and npm refuses another. Nothing of the
# packages is run.
$(SQLITE)/sqlite3.h: $(UPLOAD)/package.json $(UPLOAD)/package-lock.json $(UPLOAD)/.npmrc
	@tests/setup/install.sh build dist
	@mkdir -p $(DIST)/npm
	$(SAY) npm $(DIST)/npm
	$(Q)cp $(UPLOAD)/package.json $(UPLOAD)/package-lock.json $(UPLOAD)/.npmrc $(DIST)/npm
	$(Q)npm --prefix $(DIST)/npm ci --ignore-scripts --silent
	@touch $@
