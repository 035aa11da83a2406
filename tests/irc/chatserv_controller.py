# SPDX-License-Identifier: ISC
"""
How the suite progval/irctest starts chatserv and talks to it.

The suite is not part of this tree: see tests/irc/run.  Its clients take all
that a server sends for IRC's, and wait for a CR LF; so the two lines by which
chatserv greets everybody, before it knows who is IRC, are taken here.
"""

import os
import tempfile

import pytest
from irctest.basecontrollers import BaseServerController
from irctest.client_mock import ClientMock
from irctest.runner import NotImplementedByController

GREETING_LINES = 2

hookimpl = pytest.hookimpl


def older_hookimpl(*args, wrapper=False, **how):
    """Before pytest 8 there are no such wrappers: the suite's goes unused,
    which only makes errors of what a controller does not promise."""
    return hookimpl(*args, **how) if not wrapper else lambda f: f


if int(pytest.__version__.split(".")[0]) < 8:
    pytest.hookimpl = older_hookimpl

connect = ClientMock.connect


def connect_and_be_greeted(self, hostname, port):
    connect(self, hostname, port)
    left = GREETING_LINES
    while left > 0:
        left -= self.conn.recv(1) == b"\n"


ClientMock.connect = connect_and_be_greeted


class ChatservController(BaseServerController):
    software_name = "chatserv"
    supported_sasl_mechanisms = set()
    supports_sts = False

    def run(self, hostname, port, *, password, ssl, run_services, faketime,
            websocket_hostname, websocket_port, **_):
        if password or ssl or run_services or websocket_port:
            raise NotImplementedByController("what chatserv has not")
        self.hostname = hostname
        self.port = port
        self.motd = tempfile.NamedTemporaryFile()
        self.motd.write(b"hello\n")
        self.motd.flush()
        self.proc = self.execute([
            os.environ["CHATSERV"], "-N", "My.Little.Server", "-c", "#chan",
            "-d", self.motd.name, "127.0.0.1", str(port)])


def get_irctest_controller_class():
    return ChatservController
