"""How many connections one host may have, and how long it may take to say who it is."""

import socket
from contextlib import ExitStack

from server import Server

PER_HOST = 256
PATIENCE = 60.0


def connect(server: Server, stack: ExitStack) -> socket.socket:
    host, _, port = server.address.rpartition(":")
    return stack.enter_context(socket.create_connection((host, int(port)), PATIENCE))


def ended(connection: socket.socket) -> bool:
    """Waits until the server closes the connection; nothing else may come over it."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_one_connection_too_many_is_closed_and_silent_ones_do_not_stay(own_server: Server) -> None:
    own_server.start()
    with ExitStack() as stack:
        silent = [connect(own_server, stack) for _ in range(PER_HOST)]
        assert ended(connect(own_server, stack))
        silent[0].setblocking(False)
        try:
            assert silent[0].recv(1) != b"", "a connection within the limit was closed"
        except BlockingIOError:
            silent[0].setblocking(True)
        assert all(ended(connection) for connection in silent)
    with own_server.client() as client:
        client.info()
    assert own_server.stop() == 0
