"""HTTP/2 as no gRPC client would speak it: frames by hand, over TLS, without an identity."""

import base64
import socket
import ssl
import struct
from typing import Self

import h2.config
import h2.connection
import h2.events
from cairn.v1 import ledger_service_pb2
from google.rpc import error_details_pb2, status_pb2

from server import Server

UNARY = "/cairn.v1.LedgerService/GetLedger"
MESSAGE = ledger_service_pb2.GetLedgerRequest().SerializeToString()
FRAMED = struct.pack(">BI", 0, len(MESSAGE)) + MESSAGE


class RawConnection:
    """A connection on which each call is opened, and left, as the test likes."""

    def __init__(self, server: Server, patience: float = 60.0):
        host, _, port = server.address.rpartition(":")
        context = ssl.create_default_context(cafile=str(server.directory / "tls/cert.pem"))
        context.check_hostname = False
        context.set_alpn_protocols(["h2"])
        self.socket = context.wrap_socket(socket.create_connection((host, int(port)), patience))
        self.http2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.trailers: dict[int, dict[str, str]] = {}
        self.is_closed = False
        self.settled = False
        self.pinged = False
        self.http2.initiate_connection()
        self.send()
        while not self.settled:
            self.receive()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self) -> None:
        self.socket.sendall(self.http2.data_to_send())

    def open(self, path: str = UNARY, end: bool = False, **metadata: str) -> int:
        """Begins a call; its stream."""
        stream = self.http2.get_next_available_stream_id()
        headers = [(":method", "POST"), (":scheme", "https"), (":path", path), (":authority", "cairn")]
        headers += [("content-type", "application/grpc"), ("te", "trailers")]
        headers += [(name.replace("_", "-"), value) for name, value in metadata.items()]
        self.http2.send_headers(stream, headers, end_stream=end)
        self.send()
        return stream

    def catch_up(self) -> None:
        """Waits until the server has read all that was sent."""
        self.pinged = False
        self.http2.ping(bytes(8))
        self.send()
        while not self.pinged:
            self.receive()

    def write(self, stream: int, data: bytes, end: bool = False) -> None:
        for start in range(0, len(data), 16_384):
            self.http2.send_data(stream, data[start : start + 16_384])
        if end:
            self.http2.end_stream(stream)
        self.send()

    def receive(self) -> None:
        """Reads once, and notes what ended."""
        data = self.socket.recv(65_536)
        self.is_closed = self.is_closed or not data
        for event in self.http2.receive_data(data):
            match event:
                case h2.events.RemoteSettingsChanged():
                    self.settled = True
                case h2.events.PingAckReceived():
                    self.pinged = True
                case h2.events.ResponseReceived() | h2.events.TrailersReceived():
                    self.trailers.setdefault(event.stream_id, {}).update(dict(event.headers))
                case h2.events.ConnectionTerminated():
                    self.is_closed = True
        self.send()

    def answer(self, stream: int) -> tuple[int, str]:
        """Waits for the end of a call: its status code and its reason, empty where there is none."""
        while "grpc-status" not in self.trailers.get(stream, {}):
            assert not self.is_closed, "the connection was closed"
            self.receive()
        trailers = self.trailers[stream]
        details = trailers.get("grpc-status-details-bin", "")
        status = status_pb2.Status.FromString(base64.b64decode(details + "=" * (-len(details) % 4)))
        reason = ""
        for detail in status.details:
            info = error_details_pb2.ErrorInfo()
            if detail.Unpack(info):
                reason = info.reason
        return int(trailers["grpc-status"]), reason
