# Made of what chatc -h says: see contrib/completion/generate.
_chatc()
{
	local options="-C -c -d -e -f -h -j -l -M -m -N -n -q -R -r -s -t -u -V -w"
	local after="^-[cdhjNqRrV]*" kind=(-A hostname)

	COMPREPLY=()
	if [[ $3 =~ ${after}[u]$ ]]; then
		compopt -o filenames
		kind=(-f)
	elif [[ $3 =~ ${after}[e]$ ]]; then
		kind=(-c)
	elif [[ $3 =~ ${after}[CflMmnstw]$ ]]; then
		return
	elif [[ $2 == -* ]]; then
		mapfile -t COMPREPLY < \
		    <(compgen -W "$options" -- "$2")
		return
	fi
	mapfile -t COMPREPLY < \
	    <(compgen "${kind[@]}" -- "$2")
}
complete -F _chatc chatc
