"""What a client that keeps to no manners can take: memory, a connection's place, an entry in the log. Little."""

import time
from contextlib import ExitStack

import grpc
import h2.settings

from raw_http2 import FRAMED, RawConnection
from server import Server

STREAM = "/cairn.v1.LedgerService/SubmitStream"
PER_CONNECTION, PER_HOST, UNFINISHED_BYTES = 256, 2_048, 64 << 20
OK, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED = (
    code.value[0]
    for code in (grpc.StatusCode.OK, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED)
)


def test_a_request_that_does_not_come_ends_its_call(server: Server) -> None:
    with RawConnection(server) as connection:
        begin = time.monotonic()
        silent, half, stream = connection.open(), connection.open(), connection.open(STREAM)
        connection.write(half, b"\0\0\0\0\x20half")
        short = connection.open(grpc_timeout="200m")
        assert connection.answer(short) == (DEADLINE_EXCEEDED, "REQUEST_TOO_SLOW")
        assert silent not in connection.trailers
        assert connection.answer(silent) == (DEADLINE_EXCEEDED, "REQUEST_TOO_SLOW")
        assert connection.answer(half) == (DEADLINE_EXCEEDED, "REQUEST_TOO_SLOW")
        assert time.monotonic() - begin >= 9
        whole = connection.open()
        connection.write(whole, FRAMED, end=True)
        assert connection.answer(whole) == (OK, "")
        # A stream of requests may rest; it ends when its client ends it.
        assert "grpc-status" not in connection.trailers.get(stream, {})
        connection.write(stream, b"", end=True)
        assert connection.answer(stream) == (OK, "")


def test_a_call_that_ends_without_its_request_is_answered(server: Server) -> None:
    with RawConnection(server) as connection:
        code, _ = connection.answer(connection.open(end=True))
        assert code != OK
        assert connection.answer(connection.open(STREAM, end=True)) == (OK, "")


def test_calls_at_once_are_limited_and_make_room_again(own_server: Server) -> None:
    own_server.start()
    before = own_server.resident_bytes()
    with ExitStack() as stack:
        connections = [stack.enter_context(RawConnection(own_server)) for _ in range(PER_HOST // PER_CONNECTION + 1)]
        offered = [connection.http2.remote_settings for connection in connections]
        assert {one[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS] for one in offered} == {PER_CONNECTION}
        places = [connection for connection in connections for _ in range(PER_CONNECTION)][:PER_HOST]
        calls = [(connection, connection.open(STREAM, x="a" * 6_000)) for connection in places]
        for connection in connections:
            connection.catch_up()
        last = connections[-1]
        whole = last.open()
        assert last.answer(whole) == (RESOURCE_EXHAUSTED, "TOO_MANY_CALLS")
        assert own_server.resident_bytes() - before < 256 << 20
        first, open_call = calls[0]
        first.write(open_call, b"", end=True)
        assert first.answer(open_call) == (OK, "")
        whole = last.open()
        last.write(whole, FRAMED, end=True)
        assert last.answer(whole) == (OK, "")
    assert own_server.stop() == 0


def test_requests_at_once_hold_a_limited_number_of_bytes(own_server: Server) -> None:
    own_server.start()
    part = b"\0\0\x70\0\0" + bytes(1 << 20)
    with RawConnection(own_server) as connection:
        calls = [connection.open(STREAM) for _ in range(UNFINISHED_BYTES // len(part) + 1)]
        for call in calls:
            sent = 0
            while sent < len(part):
                while not (window := connection.http2.local_flow_control_window(call)):
                    connection.receive()
                connection.write(call, part[sent : sent + window])
                sent += window
        assert connection.answer(calls[-1]) == (RESOURCE_EXHAUSTED, "TOO_MANY_CALLS")
    assert own_server.stop() == 0


def test_metadata_and_messages_beyond_the_limit_end_only_their_call(server: Server) -> None:
    with RawConnection(server) as connection:
        assert connection.answer(connection.open(x="a" * 9_000)) == (RESOURCE_EXHAUSTED, "METADATA_TOO_LARGE")
        large = connection.open()
        connection.write(large, b"\0\0\x80\0\x01")
        assert connection.answer(large) == (RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE")
        whole = connection.open(x="a" * 7_000)
        connection.write(whole, FRAMED, end=True)
        assert connection.answer(whole) == (OK, "")


def test_a_client_that_breaks_http2_is_no_incident(own_server: Server) -> None:
    own_server.start()
    with RawConnection(own_server) as connection:
        call = connection.open()
        connection.catch_up()
        connection.socket.sendall(b"\0\0\4\x08\0" + call.to_bytes(4, "big") + bytes(4))
        while call in connection.http2.streams and not connection.is_closed:
            connection.receive()
    with own_server.client() as client:
        assert client.info()
    assert own_server.stop() == 0
    assert "incident" not in own_server.output(), own_server.output()


def test_the_server_stops_although_a_client_never_closes(own_server: Server) -> None:
    own_server.start()
    with RawConnection(own_server) as idle, RawConnection(own_server) as busy:
        busy.open(STREAM)
        assert not idle.is_closed
        assert own_server.stop() == 0
