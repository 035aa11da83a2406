# Made of what chatserv -h says: see contrib/completion/generate.
_chatserv()
{
	local options="-b -c -d -D -h -i -k -l -L -m -M -n -N -p -r -t -u -U -v -V"
	local after="^-[bhkvV]*" kind=(-A hostname)

	COMPREPLY=()
	if [[ $3 =~ ${after}[dDlpu]$ ]]; then
		compopt -o filenames
		kind=(-f)
	elif [[ $3 =~ ${after}[U]$ ]]; then
		kind=(-u)
	elif [[ $3 =~ ${after}[ciLmMnNrt]$ ]]; then
		return
	elif [[ $2 == -* ]]; then
		mapfile -t COMPREPLY < \
		    <(compgen -W "$options" -- "$2")
		return
	fi
	mapfile -t COMPREPLY < \
	    <(compgen "${kind[@]}" -- "$2")
}
complete -F _chatserv chatserv
