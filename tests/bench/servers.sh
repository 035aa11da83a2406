#!/bin/sh
#
# The servers that tests/bench/bench, which reads this file, compares: whether
# this machine has them, how they start, and which protocol they speak.  Each
# listens on 127.0.0.1 only, configured as its package configures it, except
# that limits on flooding, memory and clients are lifted.  They write to $tmp.
# shellcheck shell=sh disable=SC2034,SC2154 # some of it is the caller's

# All servers, in the order of their turns, except the room with browsers.
all_servers='chat broker ncatchat redis nats inspircd ngircd smallchat
threads postgres'

# Whether this machine has the server.
has_server()
{
	case $1 in
	chat)	;;
	web)	test -x "$here/../../contrib/chatweb/chatweb" ;;
	broker | ncatchat)
		has ncat ;;
	redis)	has redis-server ;;
	nats)	has nats-server ;;
	smallchat)
		test -f "${SMALLCHAT:-none}/smallchat-server.c" ;;
	threads)
		has python3 ;;
	postgres)
		has initdb && has postgres &&
		    { test "$(id -u)" -ne 0 || has setpriv; } ;;
	*)	has "$1" ;;
	esac
}

has()
{
	command -v "$1" >/dev/null 2>&1
}

# The protocol of protocol.c that the server speaks.
protocol_of()
{
	case $1 in
	broker | ncatchat | smallchat)
		echo raw ;;
	inspircd | ngircd)
		echo irc ;;
	threads)
		echo named ;;
	*)	echo "$1" ;;
	esac
}

# Whether a server survives connection churn: these two do not.
survives_churn()
{
	test "$1" != ncatchat && test "$1" != smallchat
}

# How many listeners a server can have: select(2) and tables limit some, and
# others take minutes to admit more.
most_of()
{
	case $1 in
	broker | postgres)
		echo 1000 ;;
	ncatchat)
		echo 500 ;;
	smallchat)
		echo 900 ;;
	ngircd)	echo 10 ;;
	chat | redis | nats)
		echo 20000 ;;
	*)	echo 5000 ;;
	esac
}

# The version of a server, if it reports one.
version_of()
{
	case $1 in
	chat | smallchat)
		echo - ;;
	broker | ncatchat)
		ncat --version 2>&1 ;;
	redis)	redis-server --version ;;
	nats)	nats-server --version ;;
	threads)
		python3 --version ;;
	*)	"$1" --version ;;
	esac | sed 's/^[^0-9]*\([0-9][0-9.]*\).*/\1/; q'
}

# Start a server, and set server_pid and server_port.
start_server()
{
	server_port=$("$here/connect")
	case $1 in
	chat)	exec "$here/../../chatserv/chatserv" -m 20000 127.0.0.1 \
		    "$server_port" ;;
	web)	web_start ;;
	broker)	exec ncat --broker -m 2000 -l 127.0.0.1 "$server_port" ;;
	ncatchat)
		exec ncat --chat -m 2000 -l 127.0.0.1 "$server_port" ;;
	redis)	exec redis-server --port "$server_port" --bind 127.0.0.1 \
		    --protected-mode no --save '' --appendonly no \
		    --dir "$tmp" --maxclients 20000 \
		    --client-output-buffer-limit 'pubsub 0 0 0' ;;
	nats)	nats_configure
		exec nats-server -c "$tmp/nats.conf" ;;
	inspircd)
		inspircd_configure
		exec inspircd --nofork --nolog --nopid --runasroot \
		    --config "$tmp/inspircd.conf" ;;
	ngircd)	ngircd_configure
		exec ngircd -n -f "$tmp/ngircd.conf" ;;
	smallchat)
		smallchat_build
		exec "$tmp/smallchat/server" ;;
	threads)
		exec "$here/threads.py" "$server_port" ;;
	postgres)
		postgres_start ;;
	esac </dev/null >"$tmp/$1.log" 2>&1 &
	server_pid=$!
	"$here/connect" "$server_port" "$server_pid" 2>>"$tmp/$1.log"
}

# chatweb and a room of its own, as children of this shell: both count.
web_start()
{
	room=$("$here/connect")
	"$here/../../chatserv/chatserv" -m 20000 127.0.0.1 "$room" &
	chatserv=$!
	trap 'kill $chatserv $chatweb; wait; exit' TERM
	"$here/connect" "$room" $chatserv
	"$here/../../contrib/chatweb/chatweb" -m 20000 -r "127.0.0.1:$room" \
	    127.0.0.1 "$server_port" &
	chatweb=$!
	wait
}

nats_configure()
{
	cat >"$tmp/nats.conf" <<-!
		host: 127.0.0.1
		port: $server_port
		max_pending: 4GB
		write_deadline: "600s"
		ping_interval: "1h"
		max_connections: 20000
	!
}

inspircd_configure()
{
	cat >"$tmp/inspircd.conf" <<-!
		<server name="bench.example" description="bench"
		    network="bench" id="001">
		<admin name="bench" nick="bench" email="bench@bench.example">
		<bind address="127.0.0.1" port="$server_port" type="clients">
		<connect allow="*" timeout="600" pingfreq="3600"
		    localmax="20000" globalmax="20000" limit="20000"
		    maxconnwarn="no" resolvehostnames="no" useident="no"
		    softsendq="1G" hardsendq="2G" recvq="1M"
		    threshold="1000000" commandrate="1000000000"
		    fakelag="no">
		<performance softlimit="20000" somaxconn="1024"
		    netbuffersize="65534" quietbursts="yes">
	!
}

ngircd_configure()
{
	cat >"$tmp/ngircd.conf" <<-!
		[Global]
		Name = bench.example
		Info = bench
		Listen = 127.0.0.1
		Ports = $server_port
		[Limits]
		MaxConnections = 20000
		MaxConnectionsIP = 0
		MaxPenaltyTime = 0
		MaxNickLength = 16
		PingTimeout = 3600
		PongTimeout = 3600
		[Options]
		DNS = no
		Ident = no
		PAM = no
		Syslog = no
	!
}

# Its port is a constant in its source.
smallchat_build()
{
	mkdir -p "$tmp/smallchat"
	cp "$SMALLCHAT"/*.[ch] "$tmp/smallchat"
	sed -i "s/define SERVER_PORT .*/define SERVER_PORT $server_port/" \
	    "$tmp/smallchat/smallchat-server.c"
	${CC:-cc} -O2 -std=gnu99 -o "$tmp/smallchat/server" \
	    "$tmp/smallchat/smallchat-server.c" "$tmp/smallchat/chatlib.c"
}

# It refuses to run as root.
postgres_start()
{
	rm -rf "$tmp/postgres"
	mkdir "$tmp/postgres"
	set -- "$(command -v postgres)" -D "$tmp/postgres/data" -F \
	    -p "$server_port" -c listen_addresses=127.0.0.1 \
	    -c unix_socket_directories= -c max_connections=1200
	become=''
	if test "$(id -u)" -eq 0; then
		chown postgres "$tmp/postgres"
		chmod 755 "$tmp"
		become='setpriv --reuid postgres --regid postgres --clear-groups'
	fi
	# shellcheck disable=SC2086 # no command, or one of several words
	$become "$(command -v initdb)" -A trust -U postgres \
	    -D "$tmp/postgres/data" &&
	    echo 'host all all 127.0.0.0/8 trust' \
	    >>"$tmp/postgres/data/pg_hba.conf" &&
	    exec $become "$@"
}
