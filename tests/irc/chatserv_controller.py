# SPDX-License-Identifier: ISC
"""
How the suite progval/irctest starts chatserv and talks to it.

The suite is not part of this tree: see tests/irc/run.  It supposes that a
client is in no channel after its registration, so each client leaves the
channel then, unseen by the test.  It also takes all lines for IRC's, so the
two by which chatserv greets everybody are taken here.

RESULTS lists the tests that fail, and why; each has to fail.
"""

import os
import secrets
import types

import pytest
from irctest.basecontrollers import BaseServerController
from irctest.client_mock import ClientMock
from irctest.runner import NotImplementedByController
from irctest.server_tests import chathistory

CHANNEL = "#chan"
GREETING_LINES = 2
HERE = os.path.dirname(os.path.abspath(__file__))

hookimpl = pytest.hookimpl


def older_hookimpl(*args, wrapper=False, **how):
    """Before pytest 8 there are no such wrappers: the suite's goes unused,
    which only makes errors of what a controller does not promise."""
    return hookimpl(*args, **how) if not wrapper else lambda f: f


if int(pytest.__version__.split(".")[0]) < 8:
    pytest.hookimpl = older_hookimpl


class Connection:
    """A socket whose client is in no channel when it is registered."""

    def __init__(self, conn):
        self.conn = conn
        self.carry = b""
        self.greeting = GREETING_LINES
        self.nick = None  # of a client that enters
        self.over = False  # it has left the channel

    def __getattr__(self, name):
        return getattr(self.conn, name)

    def sendall(self, data):
        # Asked for in tests of chathistory, and never used.
        if data.startswith(b"CAP REQ") and b"chathistory" in data:
            data = data.replace(b"labeled-response ", b"")
            data = data.replace(b"sasl ", b"")
        return self.conn.sendall(data)

    def wanted(self, line):
        """Whether the test is to see a line."""
        if self.greeting > 0:
            self.greeting -= 1
            return False
        words = line.decode(errors="replace").split()
        if self.over or len(words) < 2:
            return True
        if words[1] == "001":
            self.nick = words[2]
        elif self.nick is not None:
            own = words[0].startswith(f":{self.nick}!")
            if own and words[1] == "JOIN":
                self.conn.sendall(f"PART {CHANNEL}\r\n".encode())
                return False
            if own and words[1] == "PART":
                self.over = True
                return False
            return words[1] not in ("353", "366")
        return True

    def recv(self, size):
        while True:
            if self.over and not self.carry:
                return self.conn.recv(size)
            new = self.conn.recv(size)
            if not new:
                return new
            *lines, self.carry = (self.carry + new).split(b"\n")
            seen = b"".join(l + b"\n" for l in lines if self.wanted(l))
            if self.over:
                seen, self.carry = seen + self.carry, b""
            if seen:
                return seen


connect = ClientMock.connect


def connect_and_leave(self, hostname, port):
    connect(self, hostname, port)
    self.conn = Connection(self.conn)


ClientMock.connect = connect_and_leave

# These tests are about some channel of random name.
chathistory.secrets = types.SimpleNamespace(
    **{**vars(secrets), "token_hex": lambda n: ""})


# A test that gives up before it begins leaves its server behind.
started = []


class ChatservController(BaseServerController):
    software_name = "chatserv"
    supported_sasl_mechanisms = set()
    supports_sts = False

    def run(self, hostname, port, *, password, ssl, run_services, faketime,
            websocket_hostname, websocket_port, **_):
        # The history needs no services here.
        run_services = run_services and not self.test_config.chathistory
        if password or ssl or run_services or websocket_port:
            raise NotImplementedByController("what chatserv has not")
        self.hostname = hostname
        self.port = port
        self.proc = self.execute([
            os.environ["CHATSERV"], "-N", "My.Little.Server", "-c", CHANNEL,
            "-d", os.path.join(HERE, "motd"), "127.0.0.1", str(port)])
        started.append(self.proc)

    def wait_for_services(self):
        pass


def get_irctest_controller_class():
    return ChatservController


def failures():
    """What RESULTS lists: the reason of each (file, test).  One that has a
    question mark may pass."""
    why, reason = {}, ""
    with open(os.path.join(HERE, "RESULTS"), encoding="utf-8") as results:
        for line in results:
            if line.startswith("\t"):
                file, *tests = line.split()
                why.update({(file, test): reason for test in tests})
            else:
                reason = line.strip()
    return why


def pytest_collection_modifyitems(items):
    why = failures()
    for item in items:
        file = item.nodeid.split("::")[0].split("server_tests/")[-1]
        file = file.removesuffix(".py")
        for name in (item.name, item.originalname):
            always = why.get((file, name))
            reason = always or why.get((file, name + "?"))
            if reason:
                item.add_marker(pytest.mark.xfail(
                    reason=reason, strict=always is not None))
                break


def pytest_sessionfinish():
    for proc in started:
        if proc.poll() is None:
            proc.terminate()
            proc.wait()
