#!/usr/bin/env python3
#
# threads.py port: the chat server that many people write first, for
# comparison.
#
# A thread for each client; a list of all of them under a lock; the thread of a
# speaker sends each line to everyone, one after the other.  The first line is
# the name.

import socket
import sys
import threading

clients = {}
lock = threading.Lock()


def broadcast(text):
    with lock:
        for other in list(clients.values()):
            try:
                other.sendall(text.encode())
            except OSError:
                pass


def serve(conn):
    name = None
    try:
        with conn, conn.makefile(encoding='utf-8', newline='\n') as lines:
            name = lines.readline().strip()
            with lock:
                taken = not name or name in clients
                if not taken:
                    clients[name] = conn
            if taken:
                name = None
                conn.sendall(b'Sorry\n')
                return
            broadcast(f'* {name} joined\n')
            conn.sendall(f'Welcome {name}\n'.encode())
            for line in lines:
                broadcast(f'<{name}> {line}')
    except OSError:
        pass
    finally:
        if name is not None:
            with lock:
                del clients[name]
            broadcast(f'* {name} left\n')


listener = socket.create_server(('127.0.0.1', int(sys.argv[1])), backlog=128)
threading.stack_size(256 << 10)
while True:
    conn, _ = listener.accept()
    threading.Thread(target=serve, args=(conn,), daemon=True).start()
