# drive SCRIPT [ARGUMENT ...]: run a Tk script as if it had been started with
# these arguments, and meanwhile do what standard input says: each line is a
# Tcl command, answered by one line, its result or what was wrong with it.
#
# So a test can press keys and read widgets, and the script need not know.

proc drive {} {
	if {[gets stdin command] < 0} {
		if {[eof stdin]} {
			exit
		}
		return
	}
	set failed [catch {uplevel #0 $command} result]
	puts "[expr {$failed ? "error" : "ok"}] [string map \
	    {\\ \\\\ \n \\n} $result]"
}

fconfigure stdin -blocking 0 -encoding utf-8
fconfigure stdout -buffering line -encoding utf-8
fileevent stdin readable drive
set argv [lassign $argv argv0]
source $argv0
