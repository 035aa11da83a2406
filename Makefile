.POSIX:

# The default goal builds the server and its client; the others are
#
#	help		print this list
#	run		start the server in the foreground, with its defaults
#	check		run all tests, or those in TESTS='tests/03*.t'
#	check SAN=1	the same with address and undefined behaviour sanitizers
#	chaos		run the long tests: kills, stops, failures, crowds
#	adversary	search T seconds for clients that hold a room up
#	bench		compare it with the servers that this machine has; with
#			BENCH='fanout pipe' only these points; with QUICK=1
#			briefly
#	bench-plot	write the results into tests/bench/RESULTS.md
#	fuzz T=60	search inputs that break a promise, T seconds for each
#			target; needs clang with libFuzzer, or with FUZZER=afl
#			AFL++
#	irctest		run irctest, tests of IRC servers by others, which
#			IRCTEST=/path has
#	mutants		break one line of the server after another, and list those
#			that no test notices; SEED=n N=n samples N of each folder
#	model		search the models of the bus, and their mutants, with Spin
#	schedule T=60	search the schedules of the shipped bus, each scenario T
#			seconds, from seed SEED on
#	lint		run compilers and checkers, which must report nothing
#	ladder		build the servers of the course, contrib/course
#	grade LAB=1	grade what lies in WORK=work, of this lab of the course;
#			with FAULT=name, of this fault
#	fault		build the tree with the one FAULT=name (tests/faults) in
#			.fault; WIDE=1 makes it show more often, CONTROL=1 has
#			a harmless change in its place
#	diagrams	redraw those of contrib/course; as root
#	install		install (and uninstall) with DESTDIR, PREFIX, MANDIR
#	install-tkchat	install (and uninstall-tkchat) the window; needs Tk
#	chatweb		build the gateway for browsers; install-chatweb (and
#			uninstall-chatweb) install it; needs libmd
#	chatlink	build the link between rooms on several hosts, and
#			chatlink-stream; install-chatlink (and
#			uninstall-chatlink) install them; needs libnats
#	install-service	install (and uninstall-service) the files with which
#			INIT starts the server at boot
#	install-chatweb-service	the same for the gateway for browsers
#	install-chatlink-service	the same for the link
#	dist		make chatserv-VERSION.tar.gz of the last commit
#	screenshots	draw the README's pictures of tkchat and chatweb
#	clean		remove what was built
#
# CC, CFLAGS, CPPFLAGS and LDFLAGS may come from the environment or the command
# line.  A new file is one word in one of the lists below; the Makefile finds
# headers and tests itself.

VERSION = 1.0.0

CC != echo "$${CC:-cc}"
CFLAGS != echo "$${CFLAGS--O2 -g -Wall -Wextra}"
CPPFLAGS != echo "$${CPPFLAGS-}"
LDFLAGS != echo "$${LDFLAGS-}"

PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
SBINDIR = $(PREFIX)/sbin
MANDIR = $(PREFIX)/share/man

# The sources of each program.

PROGRAMS = chatserv/chatserv chatc/chatc contrib/chatstat/chatstat
MANUALS = chatc/chatc.1 chatserv/chatserv.8 chatserv/chatproto.7 \
	chatserv/chatirc.7 \
	chatserv/chatserv-security.7 chatserv/chatserv-tasks.7 \
	ipc/bus/bus.3 contrib/chatstat/chatstat.1

# Completions, and where below share the shells look for them.
COMPLETIONS = chatc.bash:bash-completion/completions/chatc \
	chatserv.bash:bash-completion/completions/chatserv \
	_chatc:zsh/site-functions/_chatc \
	_chatserv:zsh/site-functions/_chatserv \
	chatc.fish:fish/vendor_completions.d/chatc.fish \
	chatserv.fish:fish/vendor_completions.d/chatserv.fish

# Objects that server and client share; then those of the server alone.
LINES = ipc/common/bsd.o ipc/common/event.o ipc/common/line.o \
	ipc/common/option.o ipc/common/text.o ipc/common/unicode.o
IPC = $(LINES) ipc/bus/bus.o ipc/bus/change.o ipc/bus/clock.o \
	ipc/bus/flow.o ipc/bus/history.o ipc/bus/lock.o ipc/bus/publish.o ipc/bus/ring.o \
	ipc/bus/roster.o ipc/bus/segment.o ipc/bus/shm.o ipc/bus/wake.o

SERVER = chatserv/common/address.o chatserv/common/deny.o \
	chatserv/common/filter.o chatserv/common/log.o \
	chatserv/common/memory.o chatserv/common/peer.o \
	chatserv/common/seccomp.o \
	chatserv/helper/logger.o chatserv/helper/privsep.o \
	chatserv/helper/waker.o chatserv/main.o \
	chatserv/parent/admit.o chatserv/parent/background.o \
	chatserv/parent/child_table.o chatserv/parent/children.o \
	chatserv/parent/deny_file.o chatserv/parent/directory.o \
	chatserv/parent/limit.o chatserv/parent/listen.o chatserv/parent/local.o \
	chatserv/parent/lock_watch.o \
	chatserv/parent/notify.o chatserv/parent/options.o \
	chatserv/parent/parent.o chatserv/parent/pid_file.o \
	chatserv/parent/privilege.o chatserv/parent/reap.o \
	chatserv/parent/segment_watch.o chatserv/parent/user.o \
	chatserv/session/action.o \
	chatserv/session/behalf.o chatserv/session/command.o \
	chatserv/session/foreign.o \
	chatserv/session/greet.o \
	chatserv/session/irc/channel.o \
	chatserv/session/irc/chathistory.o \
	chatserv/session/irc/dispatch.o chatserv/session/irc/irc.o \
	chatserv/session/irc/message.o chatserv/session/irc/motd.o \
	chatserv/session/irc/outgoing.o chatserv/session/irc/query.o \
	chatserv/session/irc/registration.o \
	chatserv/session/leaving.o chatserv/session/plain.o \
	chatserv/session/rate_limit.o chatserv/session/relay.o \
	chatserv/session/run.o chatserv/session/session.o \
	chatserv/session/setting.o chatserv/session/telnet.o \
	chatserv/session/tsv.o \
	chatserv/session/waiting.o
VIEWER = contrib/chatstat/chatstat.o contrib/chatstat/lecture.o
CLIENT = chatc/attempt.o chatc/dial.o chatc/enter.o chatc/grapheme.o \
	chatc/input.o chatc/json.o chatc/keys.o chatc/line_draw.o \
	chatc/line_edit.o chatc/link.o chatc/link_run.o chatc/loop.o \
	chatc/main.o chatc/names.o chatc/outbox.o \
	chatc/past.o chatc/place.o chatc/receive.o chatc/resolve.o \
	chatc/show.o chatc/submit.o chatc/term.o chatc/usage.o \
	chatc/window.o chatc/wrap.o

HEADERS != find . -name .fault -prune -o -name '*.h' ! -name page_data.h \
	-print | sort
UNIT != find tests/unit -name '*.c' 2>/dev/null | sed 's/\.c$$//' | sort
# Fuzz targets; in make check each replays its corpus.
FUZZ = tests/fuzz/frame tests/fuzz/http tests/fuzz/irc tests/fuzz/line \
	tests/fuzz/payload tests/fuzz/segment tests/fuzz/session \
	tests/fuzz/text tests/fuzz/tsv
CHAOS = tests/chaos/adversary tests/chaos/crowd tests/chaos/hold \
	tests/chaos/instructions_read tests/chaos/instructions_write \
	tests/chaos/soak tests/chaos/swarm tests/chaos/talk
# The objects of the first of them.
ADVERSARY = tests/chaos/adversary.o tests/chaos/attack.o \
	tests/chaos/grammar.o tests/chaos/honest.o tests/chaos/measure.o \
	tests/chaos/room.o tests/chaos/script.o tests/chaos/server.o
FAULTS = tests/chaos/faults.so tests/chaos/hijack.so
# It replaces Linux's system calls.
SCHEDULE != test "$$(uname -s)" != Linux || echo tests/schedule/schedule
SCHEDULE_FILES != find tests/schedule -name '*.c' -o -name names | sort
# The load generators are written for Linux.
LOADS != test "$$(uname -s)" != Linux || for f in ceiling churn \
	connect fanout gentle idle pipe steps; do echo tests/bench/$$f; done
LOADS_MAIN = $(LOADS:=.o)
LOAD = tests/bench/load.o tests/bench/protocol.o tests/bench/usage.o
# Those that take longest begin first, so that nothing runs alone at the end.
LONGEST = 970-systemd 600-kill-publishers 650-soak 680-slow-among
SCENARIOS != printf 'tests/%s.t\n' $(LONGEST); ls tests/*.t 2>/dev/null | \
	sort | grep -Fv "$$(printf '/%s.t\n' $(LONGEST))"
TESTS = $(SCENARIOS) $(UNIT) $(FUZZ)
# On two processors: some test or other always waits.
PROVEFLAGS = -j 3

# The BSDs' libc has what other systems have in libbsd, which needs further
# libraries in a static program.
STATIC != case '$(LDFLAGS)' in *-static*) echo --static ;; esac
LIBS != case $$(uname -s) in Darwin|FreeBSD|OpenBSD|DragonFly) ;; \
	NetBSD) echo -lrt ;; \
	*) echo $$(pkg-config $(STATIC) --libs libbsd 2>/dev/null || \
	echo -lbsd $(STATIC:--static=-lmd)) -lrt ;; esac

# Hardening flags that this compiler accepts without a warning.  Binding at the
# start (now) also makes forks cheaper: the parent's pages stay shared.  Each
# make tries them anew, so all at once first.
FORTIFY = -D_FORTIFY_SOURCE=2
GUARD = -fstack-protector-strong
RELRO = -Wl,-z,relro,-z,now
TRY = t=$$(mktemp -d) && try() { echo 'int main(void) { return 0; }' | \
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -Werror "$$@" -include stdio.h \
	-o $$t/x -x c - >/dev/null 2>&1 && echo "$$@"; }; trap 'rm -r $$t' 0
HARDENED != $(TRY); try $(FORTIFY) $(GUARD) -fPIE -pie $(RELRO) || :
HARDEN_CC != test -z '$(HARDENED)' || { echo $(FORTIFY) $(GUARD) -fPIE; exit; }; \
	$(TRY); try $(FORTIFY); try $(GUARD); try -fPIE || :
HARDEN_LD != test -z '$(HARDENED)' || { echo -fPIE -pie $(RELRO); exit; }; \
	$(TRY); try -fPIE -pie; try $(RELRO) || :

# SAN= is the default build, SAN=1 the sanitizers', SAN=0 neither.
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
KIND_CC_ = $(HARDEN_CC)
KIND_LD_ = $(HARDEN_LD)
KIND_CC_1 = $(SANITIZE)
KIND_LD_1 = $(SANITIZE)

LANGUAGE = -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVERSION=$(VERSION) \
	-I.
COMPILE = $(CC) $(LANGUAGE) -pthread $(KIND_CC_$(SAN)) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) -pthread $(KIND_LD_$(SAN)) $(CFLAGS) $(LDFLAGS)

# The gateway for browsers, which all does not build: it needs libmd too.
WEB = contrib/chatweb/browsers.o contrib/chatweb/chatweb.o \
	contrib/chatweb/conversation.o contrib/chatweb/frame.o \
	contrib/chatweb/gateway.o contrib/chatweb/handshake.o \
	contrib/chatweb/http.o contrib/chatweb/page.o \
	contrib/chatweb/request.o contrib/chatweb/seal.o
WEB_PAGE = contrib/chatweb/page.html contrib/chatweb/page.css \
	contrib/chatweb/page.js
WEB_SHARED = chatserv/common/address.o chatserv/common/filter.o chatserv/common/log.o \
	chatserv/common/memory.o chatserv/common/seccomp.o \
	chatserv/parent/background.o chatserv/parent/directory.o \
	chatserv/parent/limit.o chatserv/parent/listen.o \
	chatserv/parent/notify.o chatserv/parent/pid_file.o \
	chatserv/parent/privilege.o chatserv/parent/user.o
WEB_LIBS != case $$(uname -s) in *BSD|DragonFly) echo -lmd ;; \
	*) echo $$(pkg-config --libs libmd 2>/dev/null || echo -lmd) ;; esac

# The link between rooms, which all does not build: it needs libnats.
NATS != printf '\043include <nats/nats.h>\nint main(void) { return 0; }\n' | \
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -x c - -o /dev/null -lnats \
	>/dev/null 2>&1 && echo yes || :
CHATLINK = contrib/chatlink/chatlink.o contrib/chatlink/credentials.o \
	contrib/chatlink/echo.o contrib/chatlink/engine.o \
	contrib/chatlink/in.o contrib/chatlink/listener.o \
	contrib/chatlink/out.o contrib/chatlink/payload.o \
	contrib/chatlink/presence.o contrib/chatlink/queue.o \
	contrib/chatlink/room.o contrib/chatlink/state.o
CHATLINK_SHARED = chatserv/common/log.o chatserv/parent/background.o \
	chatserv/parent/directory.o chatserv/parent/notify.o \
	chatserv/parent/pid_file.o chatserv/parent/user.o
CHATLINK_STREAM = contrib/chatlink/chatlink-stream.o \
	contrib/chatlink/credentials.o
LINK_NEEDS_yes = $(CHATLINK) $(CHATLINK_SHARED) $(CHATLINK_STREAM) $(IPC)

all: $(PROGRAMS)

chatserv/chatserv: $(SERVER) $(IPC)
	$(LINK) -o $@ $(SERVER) $(IPC) $(LIBS)

chatc/chatc: $(CLIENT) $(LINES)
	$(LINK) -o $@ $(CLIENT) $(LINES) $(LIBS)

contrib/chatstat/chatstat: $(VIEWER) $(IPC)
	$(LINK) -o $@ $(VIEWER) $(IPC) $(LIBS)

chatweb: contrib/chatweb/chatweb

# The course's servers, each of one file.
LADDER = contrib/course/ladder/1-iterative contrib/course/ladder/2-fork \
	contrib/course/ladder/3-pipes contrib/course/ladder/4-shared \
	contrib/course/ladder/5-locked contrib/course/ladder/6-woken \
	contrib/course/ladder/select contrib/course/ladder/threads

ladder: $(LADDER)

WORK = work

grade: all
	@FAULT='$(FAULT)'; \
	    contrib/course/grade $${FAULT:+-f "$$FAULT"} '$(LAB)' '$(WORK)'

$(LADDER): contrib/course/ladder/net.h
	$(COMPILE) $(KIND_LD_$(SAN)) $(LDFLAGS) -o $@ $@.c

contrib/chatweb/chatweb: $(WEB) $(WEB_SHARED) $(IPC)
	$(LINK) -o $@ $(WEB) $(WEB_SHARED) $(IPC) $(LIBS) $(WEB_LIBS)

chatlink: contrib/chatlink/chatlink

contrib/chatlink/chatlink: $(LINK_NEEDS_$(NATS))
	@if test -z '$(NATS)'; then \
		echo 'chatlink is not built: it needs libnats'; exit 0; \
	fi; set -ex; \
	$(LINK) -o $@ $(CHATLINK) $(CHATLINK_SHARED) $(IPC) -lnats \
	    $(LIBS); \
	$(LINK) -o $@-stream $(CHATLINK_STREAM) -lnats $(LIBS)

contrib/chatweb/page.o: contrib/chatweb/page_data.h

contrib/chatweb/page_data.h: contrib/chatweb/embed $(WEB_PAGE)
	contrib/chatweb/embed $(WEB_PAGE) >$@.new
	mv $@.new $@

.SUFFIXES:
.SUFFIXES: .so .o .c
.c.o:
	$(COMPILE) -c -o $@ $<

# A unit test is one file with a main; the linker adds the production objects
# that it calls.  The programs of the chaos tests are built the same way.
.c:
	$(COMPILE) -o $@ $< tests/unit/objects.a $(KIND_LD_$(SAN)) $(LDFLAGS) \
	    $(LIBS)

$(UNIT) $(FUZZ) $(CHAOS): tests/unit/objects.a $(HEADERS)

tests/chaos/adversary: $(ADVERSARY) tests/unit/objects.a
	$(LINK) -o $@ $(ADVERSARY) tests/unit/objects.a $(LIBS)

# Loaded before libc if the system can do that; the tests skip if not.
.c.so:
	$(CC) $(LANGUAGE) $(CPPFLAGS) $(CFLAGS) -fPIC -shared -o $@ $< || :

# The bus and the server's parent, with a scheduler that chooses every step.
tests/schedule/schedule: $(SCHEDULE_FILES) tests/schedule/build.sh $(HEADERS) \
		$(SERVER) $(IPC)
	CC='$(CC)' tests/schedule/build.sh . $@

# The load generators, for any server: they link none of its code.
$(LOADS): $(LOAD) $(LOADS_MAIN)
	$(LINK) -o $@ $@.o $(LOAD) $(LIBS)

# The objects of the gateway for browsers that need no libmd, and of the link
# that need no libnats.
WEB_UNIT = contrib/chatweb/frame.o contrib/chatweb/http.o
LINK_UNIT = contrib/chatlink/payload.o contrib/chatlink/presence.o \
	contrib/chatlink/queue.o

tests/unit/objects.a: $(SERVER) $(CLIENT) $(IPC) $(WEB_UNIT) $(LINK_UNIT)
	rm -f $@
	for o in $(SERVER) $(CLIENT) $(IPC) $(WEB_UNIT) $(LINK_UNIT); do \
		case $$o in */main.o) ;; *) echo $$o ;; esac; \
	done | xargs $(AR) -rc $@

$(SERVER) $(CLIENT) $(VIEWER) $(IPC) $(LOAD) $(LOADS_MAIN) $(ADVERSARY) \
	$(WEB) $(CHATLINK) $(CHATLINK_STREAM): $(HEADERS) .flags

# Changes only with the flags, so that objects of one build kind are linked.
.flags: always
	@echo '$(COMPILE) $(LINK)' | cmp -s - $@ || \
	    echo '$(COMPILE) $(LINK)' >$@

always:

help:
	@awk '/^.POSIX/ { next } !/^#/ && NF { exit } /^# CC,/ { exit } \
	    NF { sub(/^. ?/, ""); print }' Makefile

run: all
	@echo "Talk from another terminal: $$(pwd)/chatc/chatc"
	chatserv/chatserv

# Build only what these tests run.
check:
	needs=$$(tests/needs $(TESTS)) && $(MAKE) $$needs
	SAN=$(SAN) prove $(PROVEFLAGS) $(TESTS)

chaos: all chatweb chatlink $(CHAOS) $(FAULTS) $(LADDER) tests/unit/lock
	SAN=$(SAN) prove -v tests/chaos/*.t

# To be run there, and changed.
fault:
	@WIDE='$(WIDE)' CONTROL='$(CONTROL)' tests/faults/build '$(FAULT)'

# The flags to build a mutant, for which make would rebuild everything.
mutants:
	MUTANTS_COMPILE='$(COMPILE)' MUTANTS_LINK='$(LINK)' \
	    MUTANTS_LIBS='$(LIBS)' MUTANTS_TEST_LIBS='$(KIND_LD_$(SAN)) \
	    $(LDFLAGS) $(LIBS)' MUTANTS_SERVER='$(SERVER)' \
	    MUTANTS_CLIENT='$(CLIENT)' MUTANTS_VIEWER='$(VIEWER)' \
	    MUTANTS_IPC='$(IPC)' MUTANTS_LINES='$(LINES)' \
	    CPPFLAGS='$(CPPFLAGS)' SEED='$(SEED)' N='$(N)' \
	    JOBS='$(JOBS)' BUDGET='$(BUDGET)' AGAIN='$(AGAIN)' \
	    RESULTS='$(RESULTS)' \
	    tests/mutants/run

# Without libmd there are no browsers to measure, and without libnats no links.
bench: all $(LOADS)
	$(MAKE) -k chatweb chatlink || :
	QUICK='$(QUICK)' tests/bench/bench $(BENCH)

bench-plot:
	tests/bench/plot

T = 60
SEED = 1

adversary: all tests/chaos/adversary
	tests/chaos/adversary -t $(T) -s $(SEED)

fuzz:
	tests/fuzz/run.sh $(T) frame http irc line payload segment \
	    session text tsv


irctest: all
	tests/irc/run

schedule: $(SCHEDULE)
	tests/schedule/schedule -t $(T) -s $(SEED)

model:
	CC='$(CC)' tests/model/run.sh

# Each reports nothing, or fails.  -fanalyzer needs one file at a time.
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wwrite-strings -Wcast-qual -Wpointer-arith -Wformat=2 -Wundef -Wvla \
	-Wredundant-decls -Wdouble-promotion -Werror
EACH = find . \( -name node_modules -o -name .fault \) -prune -o \
	-name '*.c' -print | sort | xargs -n 1 -P 2

lint: lint-style lint-callers lint-atomics \
	lint-gcc lint-clang lint-tidy lint-scan lint-cppcheck lint-manuals \
	lint-scripts

# One of the files that they read is made.
lint-gcc lint-clang lint-tidy lint-scan: contrib/chatweb/page_data.h

lint-style:
	find . -name .fault -prune -o -name '*.[ch]' ! -name page_data.h \
	    -print | sort | \
	    xargs tests/style README.md $(MANUALS) contrib/*/*.[1-8] \
	    contrib/CHANGELOG contrib/course/README contrib/course/labs/* \
	    tests/README tests/*.t tests/*/*.t tests/lib/*.pm \
	    tests/model/*.pml

lint-callers:
	tests/callers

# Accesses that the scheduler cannot see and a reader would overlook.
lint-atomics:
	find ipc chatserv -name '*.c' | sort | \
	    xargs -n 40 tests/atomics $(LANGUAGE)

lint-gcc:
	$(EACH) gcc $(LANGUAGE) -O2 $(WARNINGS) -fanalyzer -S -o /dev/null

lint-clang:
	$(EACH) clang $(LANGUAGE) -O2 $(WARNINGS) -S -o /dev/null

lint-tidy:
	$(EACH) sh -c 'clang-tidy --quiet "$$1" -- $(LANGUAGE) 2>/dev/null' sh

lint-scan:
	d=$$(mktemp -d) && trap 'rm -r "$$d"' 0 && $(EACH) \
	    scan-build --status-bugs -o "$$d" clang $(LANGUAGE) -O2 -c \
	    -o /dev/null >"$$d/out" || { cat "$$d/out"; false; }

lint-cppcheck:
	cppcheck -q -j 2 -i .fault --error-exitcode=1 --inline-suppr --std=c11 \
	    --suppress=preprocessorErrorDirective \
	    --suppress=nullPointerRedundantCheck \
	    --enable=warning,performance,portability -D_GNU_SOURCE -I. .

lint-manuals:
	find . -name .fault -prune -o -name '*.[1-8]' -print | \
	    xargs -r mandoc -T lint -W warning

lint-scripts:
	find . \( -name .git -o -name .fault -o -name node_modules \) \
	    -prune -o -type f -exec \
	    awk 'FNR == 1 && /^#!.*[/ ](k?sh|openrc-run)( |$$)/ \
	    { print FILENAME }' {} + | \
	    xargs shellcheck
	for f in $$(find . -name .fault -prune -o \( -name '*.t' -o \
	    -name '*.pm' \) -print); do \
		perl -Itests/lib -Icontrib/course/lib -wc $$f 2>&1; \
	done | { ! grep -v ' syntax OK$$'; }

install: all
	install -d '$(DESTDIR)'$(SBINDIR) '$(DESTDIR)'$(BINDIR)
	install -m 755 chatserv/chatserv '$(DESTDIR)'$(SBINDIR)
	install -m 755 chatc/chatc '$(DESTDIR)'$(BINDIR)
	install -m 755 contrib/chatstat/chatstat '$(DESTDIR)'$(BINDIR)
	for m in $(MANUALS); do \
		d='$(DESTDIR)'$(MANDIR)/man$${m##*.} && install -d "$$d" && \
		install -m 644 $$m "$$d" || exit 1; \
	done
	for c in $(COMPLETIONS); do \
		to='$(DESTDIR)$(PREFIX)/share'/$${c#*:} && \
		install -d "$${to%/*}" && install -m 644 \
		    contrib/completion/$${c%:*} "$$to" || exit 1; \
	done

uninstall:
	rm -f '$(DESTDIR)'$(SBINDIR)/chatserv '$(DESTDIR)'$(BINDIR)/chatc \
	    '$(DESTDIR)'$(BINDIR)/chatstat
	for m in $(MANUALS); do \
		rm -f '$(DESTDIR)'$(MANDIR)/man$${m##*.}/$${m##*/}; \
	done
	for c in $(COMPLETIONS); do \
		rm -f '$(DESTDIR)$(PREFIX)/share'/$${c#*:}; \
	done

# Not part of install, because it needs Tcl and Tk.
SHARE = '$(DESTDIR)'$(PREFIX)/share
ICONS = $(SHARE)/icons/hicolor/scalable/apps

install-tkchat:
	install -d '$(DESTDIR)'$(BINDIR) '$(DESTDIR)'$(MANDIR)/man1 \
	    $(SHARE)/applications $(ICONS)
	install -m 755 contrib/tkchat/tkchat '$(DESTDIR)'$(BINDIR)
	install -m 644 contrib/tkchat/tkchat.1 '$(DESTDIR)'$(MANDIR)/man1
	install -m 644 contrib/tkchat/tkchat.desktop $(SHARE)/applications
	install -m 644 contrib/tkchat/tkchat.svg $(ICONS)

uninstall-tkchat:
	rm -f '$(DESTDIR)'$(BINDIR)/tkchat $(ICONS)/tkchat.svg \
	    '$(DESTDIR)'$(MANDIR)/man1/tkchat.1 \
	    $(SHARE)/applications/tkchat.desktop

# The files with which INIT= starts and supervises the server: systemd with
# sysusers and tmpfiles, s6, runit, openrc, freebsd or openbsd.  Before installation they
# say /usr/local/sbin.
WHERE_systemd = $(PREFIX)/lib/systemd/system
WHERE_sysusers = $(PREFIX)/lib/sysusers.d
WHERE_tmpfiles = $(PREFIX)/lib/tmpfiles.d
WHERE_s6 = /etc/s6/sv
WHERE_runit = /etc/sv
WHERE_openrc = /etc/init.d
WHERE_freebsd = $(PREFIX)/etc/rc.d
WHERE_openbsd = /etc/rc.d
SERVICEDIR = $(WHERE_$(INIT))
EACH_SERVICE = test -n '$(WHERE_$(INIT))' || { echo "which INIT=? There are" \
	$$(ls $$from) >&2; exit 2; }; \
	find $$from/$(INIT) -type f | while read -r f; do \
		to='$(DESTDIR)'$(SERVICEDIR)/$${f\#$$from/$(INIT)/} &&
INSTALL_SERVICE = $(EACH_SERVICE) install -d "$${to%/*}" && \
		sed 's|/usr/local/sbin|$(SBINDIR)|' $$f >"$$to" && \
		chmod $$(test -x $$f && echo 755 || echo 644) "$$to" || exit 1; \
	done

install-service:
	@from=contrib/service; $(INSTALL_SERVICE)

uninstall-service:
	@from=contrib/service; $(EACH_SERVICE) rm -f "$$to"; done

# Not part of install either: it needs libmd, and not everybody wants it.
install-chatweb: chatweb
	install -d '$(DESTDIR)'$(SBINDIR) '$(DESTDIR)'$(MANDIR)/man8
	install -m 755 contrib/chatweb/chatweb '$(DESTDIR)'$(SBINDIR)
	install -m 644 contrib/chatweb/chatweb.8 '$(DESTDIR)'$(MANDIR)/man8

uninstall-chatweb:
	rm -f '$(DESTDIR)'$(SBINDIR)/chatweb '$(DESTDIR)'$(MANDIR)/man8/chatweb.8

install-chatlink: chatlink
	install -d '$(DESTDIR)'$(SBINDIR) '$(DESTDIR)'$(MANDIR)/man8
	install -m 755 contrib/chatlink/chatlink \
	    contrib/chatlink/chatlink-stream '$(DESTDIR)'$(SBINDIR)
	install -m 644 contrib/chatlink/chatlink.8 \
	    contrib/chatlink/chatlink-stream.8 '$(DESTDIR)'$(MANDIR)/man8

uninstall-chatlink:
	rm -f '$(DESTDIR)'$(SBINDIR)/chatlink \
	    '$(DESTDIR)'$(SBINDIR)/chatlink-stream \
	    '$(DESTDIR)'$(MANDIR)/man8/chatlink.8 \
	    '$(DESTDIR)'$(MANDIR)/man8/chatlink-stream.8

install-chatlink-service:
	@from=contrib/chatlink/service; $(INSTALL_SERVICE)

uninstall-chatlink-service:
	@from=contrib/chatlink/service; $(EACH_SERVICE) rm -f "$$to"; done

install-chatweb-service:
	@from=contrib/chatweb/service; $(INSTALL_SERVICE)

uninstall-chatweb-service:
	@from=contrib/chatweb/service; $(EACH_SERVICE) rm -f "$$to"; done

# The same commit makes the same bytes on every machine, at any time.
dist:
	git diff --quiet HEAD
	git archive --format=tar.gz --prefix=chatserv-$(VERSION)/ \
	    -o chatserv-$(VERSION).tar.gz HEAD

diagrams: all tests/chaos/hold tests/schedule/schedule
	contrib/course/diagrams/draw

screenshots: all chatweb
	contrib/tkchat/screenshots
	contrib/chatweb/screenshots

clean:
	rm -f $(PROGRAMS) $(UNIT) $(FUZZ) $(CHAOS) $(FAULTS) $(LOADS) \
	    $(SCHEDULE) $(LADDER)
	rm -f tests/unit/objects.a .flags chatserv-*.tar.gz \
	    contrib/chatweb/chatweb contrib/chatweb/page_data.h \
	    contrib/chatlink/chatlink contrib/chatlink/chatlink-stream
	rm -rf .fuzz
	find . -name '*.o' -exec rm -f {} +
