#!/bin/sh
#
# Search the models of the bus, and their mutants, to the end.
#
#	run.sh                  search all: what `make model` does
#	run.sh lock             search one model and its mutants
#	run.sh lock NO_POST     show how one mutant fails, step by step
#
# Each .pml here is one algorithm of ipc/, small enough for Spin to visit
# every state that it can reach, with a process killed between any two of
# its steps.  The correct model must have no error.  Each mutant is the same
# text with one mistake, which a name (-DNAME) switches on, and must be
# caught: a model in which no mistake shows would prove nothing.
#
# The opening comment of a model lists the runs:
#
#	RIGHT [MACRO=value ...]              a scope that must have no error
#	MUTANT NAME [MACRO=value ...]: text  a mistake that must be found
#
# To learn from them: read a model's comment, pick a mutant, think of the steps
# by which it fails, then ask for them with the third form.
#
# Every search is complete (without bitstate hashing or a limit on depth), or
# counts as failed.  The figures are the states of all RIGHT scopes of a model,
# and the seconds that they took.  Two searches run at a time (JOBS), each with
# at most MEMORY megabytes.
#
# Beside them, each .litmus is one handshake in the language of herd7, which
# checks it under the memory model of C11 as repaired by Lahav et al.
# (rc11.cat): whether its exists clause can be true must be as its line
# (* Never *) or (* Sometimes *) says.  Without herd7 they are not checked, and
# this says so.
#
# Needs spin and a C compiler.  Exits 0 if all is as it should be, 1 if not, and
# 77 without spin.

set -u

here=$(cd "$(dirname "$0")" && pwd) || exit 1
me=$here/$(basename "$0")
CC=${CC:-cc}
SPIN=${SPIN:-spin}
HERD=${HERD:-herd7}
JOBS=${JOBS:-2}
MEMORY=${MEMORY:-6000}

# One line for each search: model, kind, name, definitions.
list_jobs()
{
	for kind in RIGHT MUTANT; do
		for model in "$@"; do
			sed -n "s/^ \* $kind \([^:]*\).*/$model $kind \1/p" \
			    "$here/$model.pml"
		done
	done | awk '{
		name = $2 == "RIGHT" ? "-" : $3
		printf "%s %s %s", $1, $2, name
		for (i = $2 == "RIGHT" ? 3 : 4; i <= NF; i++)
			printf " -D%s", $i
		print ($2 == "RIGHT" ? "" : " -D" name)
	}'
}

# build model definition ...: leaves pan in the current directory.
build()
{
	model=$1
	shift
	cp "$here/$model.pml" . &&
	    "$SPIN" -a "$@" "$model.pml" >spin.out 2>&1 &&
	    "$CC" -O2 -w -DSAFETY -DCOLLAPSE -DVECTORSZ=2048 \
	    -DMEMLIM="$MEMORY" -o pan pan.c >cc.out 2>&1
}

# Print the verdict on a finished search.
verdict()
{
	if grep -q '^pan:.*invalid end state' pan.out; then
		echo 'stuck'
	elif grep -q '^pan:.*assertion violated' pan.out; then
		echo 'assertion'
	elif grep -q 'Search not completed\|depth too small' pan.out; then
		echo 'unfinished'
	elif grep -q 'errors: 0' pan.out; then
		echo 'none'
	else
		echo 'broken'
	fi
}

# job work number: runs that line of $work/jobs and leaves its result, one
# line of model, kind, name, states, seconds, verdict.
job()
{
	work=$1
	number=$2
	# The definitions are separate words.
	# shellcheck disable=SC2046
	set -- $(sed -n "${number}p" "$work/jobs")
	model=$1 kind=$2 name=$3
	shift 3
	mkdir "$work/$number" && cd "$work/$number" || exit 1
	: >cc.out
	: >pan.out
	build "$model" "$@" && ./pan -m4000000 >pan.out 2>&1
	states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' pan.out)
	seconds=$(sed -n 's/.*elapsed time \([0-9.]*\) seconds/\1/p' pan.out)
	found=$(verdict)
	echo "$model $kind $name ${states:-0} ${seconds:-0} $found" >result
	case "$kind $found" in
	"RIGHT none" | "MUTANT stuck" | "MUTANT assertion")
		;;
	*)
		echo "$model $* should have another verdict than: $found"
		head -n 5 spin.out cc.out pan.out
		;;
	esac
	rm -f pan pan.* ./*.trail
}

table()
{
	awk '
	function put(name) {
		result = wrong[name] ? "ERROR" : "no error"
		printf "%-10s %12d %8.1f  %-9s %3d of %d\n", name,
		    states[name], seconds[name], result, caught[name],
		    tried[name]
	}
	!($1 in tried) {
		tried[$1] = 0
		order[++models] = $1
	}
	$2 == "RIGHT" {
		searched[$1]++
		states[$1] += $4
		seconds[$1] += $5
		if ($6 != "none")
			wrong[$1] = 1
	}
	$2 == "MUTANT" {
		tried[$1]++
		if ($6 == "stuck" || $6 == "assertion")
			caught[$1]++
	}
	END {
		printf "%-10s %12s %8s  %-9s %s\n", "model", "states",
		    "seconds", "result", "mutants caught"
		for (i = 1; i <= models; i++) {
			m = order[i]
			put(m)
			if (wrong[m] || !searched[m] || caught[m] < tried[m])
				bad = 1
		}
		exit (bad || models == 0)
	}'
}

run_all()
{
	# The long searches first, so that both processors have work to the end.
	list_jobs "$@" | sort -k2,2r -k1,1r >"$work/jobs"
	awk '{ print NR }' "$work/jobs" |
	    xargs -n 1 -P "$JOBS" "$me" --job "$work"
	cat "$work"/*/result >"$work/results"
	for model in "$@"; do
		grep "^$model " "$work/results"
	done | table
}

# Each litmus test's verdict is the one that its file states.
check_litmus()
{
	if ! command -v "$HERD" >/dev/null 2>&1; then
		echo "there is no herd7 here; the litmus tests were not checked"
		return 0
	fi
	wrong=0
	for test in "$here"/*.litmus; do
		want=$(sed -n 's/^(\* \([A-Z][a-z]*\) \*)$/\1/p' "$test")
		got=$("$HERD" -model rc11.cat "$test" 2>&1 |
		    sed -n 's/^Observation [^ ]* \([A-Z][a-z]*\) .*/\1/p')
		echo "$(basename "$test"): ${got:-no verdict}"
		if [ -z "$want" ] || [ "$got" != "$want" ]; then
			echo "$(basename "$test") should be: ${want:-stated}"
			wrong=1
		fi
	done
	return "$wrong"
}

show_mutant()
{
	number=$(list_jobs "$1" | awk -v name="$2" '$3 == name { print NR }')
	if [ -z "$number" ]; then
		echo "$1 has no mutant $2" >&2
		return 1
	fi
	# shellcheck disable=SC2046
	set -- $(list_jobs "$1" | sed -n "${number}p")
	model=$1
	shift 3
	cd "$work" && build "$model" "$@" || return 1
	# Look for ever shorter ways to the mistake.
	"$CC" -O2 -w -DSAFETY -DREACH -DVECTORSZ=2048 -DMEMLIM="$MEMORY" \
	    -o pan pan.c && ./pan -i -m400 >pan.out 2>&1
	"$SPIN" -t -p -g "$@" "$model.pml"
}

if ! command -v "$SPIN" >/dev/null 2>&1; then
	echo "run.sh: there is no spin here; the models were not checked" >&2
	exit 77
fi

if [ "${1:-}" = --job ]; then
	job "$2" "$3"
	exit 0
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/model.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

case $# in
0)
	# The models' names have no blanks.
	# shellcheck disable=SC2046
	run_all $(cd "$here" && for f in *.pml; do echo "${f%.pml}"; done)
	models=$?
	check_litmus && exit "$models"
	;;
1)
	run_all "$1"
	;;
*)
	show_mutant "$1" "$2"
	;;
esac
