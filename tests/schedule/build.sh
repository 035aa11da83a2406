#!/bin/sh
#
# build.sh TREE OUT: build the scheduler around the bus and the server of the
# source in TREE, which need not be this one, as the program OUT.
#
# Production's objects are joined into one.  In it the system calls get the
# names that the file names says, and the static objects go into two
# sections that the scheduler can find.  Whatever else production calls must
# be on the list of functions that nobody else can notice: a new system call
# fails here until it is modelled.

set -eu

tree=$1
out=$2
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
CC=${CC:-cc}

# What holds a step of the protocol.
production='ipc/common/bsd ipc/common/event ipc/common/line ipc/common/text
	ipc/bus/bus ipc/bus/flow ipc/bus/history ipc/bus/lock ipc/bus/ring
	ipc/bus/roster ipc/bus/shm ipc/bus/wake chatserv/common/memory
	chatserv/helper/waker chatserv/parent/children chatserv/parent/limit
	chatserv/parent/parent'

# What may be called as it is.
harmless='__assert_fail __errno_location arc4random ffs geteuid getsockopt
	memchr memcmp memcpy memmove memset setresgid setresuid setsockopt
	sem_open sem_unlink sigaddset sigdelset sigemptyset snprintf strcasecmp strchr
	strcmp strcspn strlcat strlcpy strlen strncasecmp strnlen strtonum
	sysconf'

work=$(mktemp -d "${TMPDIR:-/tmp}/schedule.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

flags='-std=c11 -D_GNU_SOURCE -g -fno-pie
	-fno-stack-protector -U_FORTIFY_SOURCE -Wall -Wextra'

# compile FILE OBJECT FLAG ...
compile()
{
	file=$1 object=$2
	shift 2
	# The flags are words.
	# shellcheck disable=SC2086
	$CC $flags "$@" -c "$file" -o "$object" || exit 1
}

for f in $production; do
	compile "$tree/$f.c" "$work/$(echo "$f" | tr / _).o" -O1 \
	    -I"$here/shim" -I"$tree" -I"$top"
done
ld -r -o "$work/joined" "$work"/*.o
rm "$work"/*.o
objcopy --redefine-syms="$here/names" --rename-section .data=prod_data \
    --rename-section .bss=prod_bss "$work/joined" "$work/production.o"
for f in "$here"/*.c; do
	compile "$f" "$work/$(basename "$f" .c).o" -O2 -I"$here/shim" \
	    -I"$tree" -I"$top"
done
nm -u "$work/production.o" | awk '{ print $2 }' | sort >"$work/wanted"
{
	# shellcheck disable=SC2086
	printf '%s\n' $harmless
	nm -g --defined-only "$work"/[!p]*.o "$work"/process.o |
	    awk 'NF == 3 { print $3 }'
} | sort -u >"$work/known"
unknown=$(comm -23 "$work/wanted" "$work/known")
if [ -n "$unknown" ]; then
	echo "build.sh: production calls what is not modelled: $unknown" >&2
	exit 1
fi
# shellcheck disable=SC2046
$CC -no-pie -o "$out" "$work"/*.o $(pkg-config --libs libbsd)
