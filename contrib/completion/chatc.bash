# Made of what chatc -h says: see contrib/completion/generate.
_chatc()
{
	local options="-C -c -d -e -f -h -j -l -M -m -N -n -q -R -r -s -t -u -V -w"

	COMPREPLY=()
	case $3 in
	-u)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$2")
		;;
	-C|-e|-f|-l|-M|-m|-n|-s|-t|-u|-w) ;;
	*)
		if [[ $2 == -* ]]; then
			mapfile -t COMPREPLY < \
			    <(compgen -W "$options" -- "$2")
		else
			mapfile -t COMPREPLY < \
			    <(compgen -A hostname -- "$2")
		fi
		;;
	esac
}
complete -F _chatc chatc
