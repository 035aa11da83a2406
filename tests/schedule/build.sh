#!/bin/sh
#
# build.sh TREE OUT: build the scheduler around the bus and the server of the
# source in TREE, which need not be this one, as the program OUT.
#
# Production's objects are joined into one.  In it the system calls get the
# names that the file names lists, and the static objects go into two
# sections that the scheduler can find.  Any other function that production
# calls must be on the list of those that no other process can notice: a
# schedule that reaches another one fails, until that one is modelled.
#
# With WORK=DIRECTORY the objects stay there, and the next build compiles only
# what has changed (it assumes that headers have not).

set -eu

tree=$1
out=$2
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
CC=${CC:-cc}

# The files that execute steps of the protocol.
production="$(cd "$tree" && find ipc/common ipc/bus chatserv/session \
	-name irc -prune -o ! -name option.c -name "*.c" -print | sort)
	chatserv/common/memory.c chatserv/helper/waker.c
	chatserv/parent/child_table.c chatserv/parent/children.c
	chatserv/parent/limit.c chatserv/parent/lock_watch.c
	chatserv/parent/parent.c chatserv/parent/reap.c"

# What production may call as it is.
harmless='__assert_fail __errno_location __isoc99_fscanf access arc4random
	fclose ffs fgets fopen geteuid getsockopt memchr memcmp memcpy
	memmove memset sem_open sem_unlink setresgid setresuid setsockopt
	sigaddset sigdelset sigemptyset snprintf strcasecmp strchr strcmp
	strcspn strlcat strlcpy strlen strncasecmp strncmp strnlen strspn
	strtol strtonum strtoul strtoull sysconf'

work=${WORK:-}
if [ -z "$work" ]; then
	work=$(mktemp -d "${TMPDIR:-/tmp}/schedule.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
fi

flags='-std=c11 -D_GNU_SOURCE -g -fno-pie
	-fno-stack-protector -U_FORTIFY_SOURCE -Wall -Wextra'

# compile FILE OBJECT FLAG ...
compile()
{
	file=$1 object=$2
	shift 2
	if [ -e "$object" ] && cmp -s "$file" "$object.c"; then
		return
	fi
	# The flags are separate words.
	# shellcheck disable=SC2086
	$CC $flags "$@" -c "$file" -o "$object"
	cp "$file" "$object.c"
}

mkdir -p "$work/production" "$work/harness"
for f in $production; do
	compile "$tree/$f" "$work/production/$(echo "$f" | tr / _).o" -O1 \
	    -I"$here/shim" -I"$tree" -I"$top"
done
# The scenario decides which session a client gets.
objcopy --redefine-sym session_run=scenario_session \
    "$work/production/chatserv_parent_children.c.o"
ld -r -o "$work/joined" "$work"/production/*.o
objcopy --redefine-syms="$here/names" --rename-section .data=prod_data \
    --rename-section .bss=prod_bss "$work/joined" "$work/production.o"
for f in "$here"/*.c; do
	compile "$f" "$work/harness/$(basename "$f" .c).o" -O2 \
	    -I"$here/shim" -I"$tree" -I"$top"
done
nm -u "$work/production.o" | awk '{ print $2 }' | sort >"$work/wanted"
{
	# shellcheck disable=SC2086
	printf '%s\n' $harmless
	nm -g --defined-only "$work"/harness/*.o |
	    awk 'NF == 3 { print $3 }'
} | sort -u >"$work/known"
unknown=$(comm -23 "$work/wanted" "$work/known")
for f in $unknown; do
	echo "void $f(void);"
	echo "void $f(void) { schedule_fail(\"calls $f: not modelled\"); }"
done >"$work/unknown"
{
	echo '#include "tests/schedule/schedule.h"'
	cat "$work/unknown"
} >"$work/unknown.c"
compile "$work/unknown.c" "$work/unknown.o" -O2 -fno-builtin -I"$top"
# shellcheck disable=SC2046
$CC -no-pie -o "$out" "$work/production.o" "$work/unknown.o" \
    "$work"/harness/*.o $(pkg-config --libs libbsd)
