#!/bin/sh
# Fuzz each target for so many seconds, one after another, starting from its
# corpus.  Builds with clang, sanitizers and libFuzzer into .fuzz, where inputs
# that reach new code, and findings, stay too.  Prints at the end what each
# target did; fails if there was a finding.
#
# usage: [FUZZER=afl] tests/fuzz/run.sh seconds target ...
#
# With FUZZER=afl, AFL++ makes the inputs, in .fuzz/afl; not for session, which
# replaces the kill(2) by which AFL++ would end it.

set -eu

seconds=$1
shift
dir=.fuzz
cc=clang
flags="-std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. -g -O1 -pthread"
flags="$flags -DFUZZING -fno-omit-frame-pointer -fno-sanitize-recover=all"
flags="$flags -fsanitize=address,undefined"
libs="$(pkg-config --libs libbsd 2>/dev/null || echo -lbsd) -lrt"

# What of the gateway for browsers needs no libmd, and of the link no libnats.
parts="contrib/chatweb/frame.c
contrib/chatweb/http.c
contrib/chatlink/payload.c
contrib/chatlink/presence.c
contrib/chatlink/queue.c"

mkdir -p $dir/objects
# The flags are separate words.
# shellcheck disable=SC2086
if ! echo 'int LLVMFuzzerTestOneInput(void); \
    int LLVMFuzzerTestOneInput(void) { return 0; }' |
    $cc $flags -fsanitize=fuzzer -o $dir/try -x c - 2>$dir/try.err; then
	cat $dir/try.err >&2
	echo "$0: $cc cannot build with libFuzzer; Debian has it in" \
	    "clang and libclang-rt-dev" >&2
	exit 1
fi

# All objects to link, except those with a main.
{
	find ipc chatserv chatc -name '*.c' ! -name main.c
	echo "$parts"
} | while read -r f; do
	echo "$f" "$dir/objects/$(echo "$f" | tr / _).o"
done | xargs -n 2 -P 2 sh -c "$cc $flags \
    -fsanitize=fuzzer-no-link -c -o \"\$2\" \"\$1\"" sh
rm -f $dir/objects.a
ar rc $dir/objects.a $dir/objects/*.o

# Unpack a target's corpus.
unpack() {
	mkdir -p "$dir/known/$1"
	tar -xf "tests/fuzz/corpus/$1.tar" -C "$dir/known/$1"
}

run() {
	t=$1
	mkdir -p "$dir/corpus/$t" "$dir/found/$t"
	unpack "$t"
	# shellcheck disable=SC2086
	$cc $flags -fsanitize=fuzzer -o "$dir/$t" "tests/fuzz/$t.c" \
	    $dir/objects.a $libs
	"$dir/$t" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 \
	    -max_len=4096 -print_final_stats=1 \
	    -artifact_prefix="$dir/found/$t/" \
	    "$dir/corpus/$t" "$dir/known/$t" \
	    >"$dir/$t.log" 2>&1 && found=0 || found=1
	n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/$t.log")
	edges=$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' "$dir/$t.log" | tail -n 1)
	printf '%-10s %10s %6s %9s\n' "$t" "${n:--}" "${edges:--}" \
	    "$found" >>$dir/table
	if [ "$found" = 1 ]; then
		failed=1
		echo "$t: a finding; see $dir/$t.log"
		grep -a 'broken: \|ERROR: \|runtime error: \|^Test unit' \
		    "$dir/$t.log" || :
	fi
}

# afl-clang-fast instruments production code, so it gets the sources.
run_afl() {
	t=$1
	out=$dir/afl/$t
	mkdir -p "$out"
	unpack "$t"
	own=
	test "$t" != tsv || own=chatc/dial.c
	# shellcheck disable=SC2046,SC2086
	afl-clang-fast ${flags%% -fno-sanitize*} -fsanitize=fuzzer \
	    -o "$out/$t" "tests/fuzz/$t.c" \
	    $(find ipc chatserv chatc -name '*.c' ! -name main.c \
	    ! -path "$own") $parts $libs
	AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 \
	    AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 afl-fuzz -V "$seconds" \
	    -t 20000 -i "$dir/known/$t" -o "$out" -- "$out/$t" \
	    >"$dir/$t.log" 2>&1
	awk -v t="$t" '{ n[$1] = $3 }
	END {
		bad = n["saved_crashes"] + n["saved_hangs"]
		printf "%-10s %10s %6s %9s\n", t, n["execs_done"],
		    n["edges_found"], bad
		exit bad != 0
	}' "$out/default/fuzzer_stats" >>$dir/table || failed=1
}

failed=0
printf '%-10s %10s %6s %9s\n' target executions edges findings >$dir/table
for t; do
	if test "${FUZZER:-}" != afl; then
		run "$t"
	elif test "$t" != session; then
		run_afl "$t"
	fi
done
cat $dir/table
exit $failed
