"""What the engine's operators can do with its owner's credentials, said to a NATS server in its own protocol."""

import json
import socket
import ssl
import time
from pathlib import Path
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 20.0


class EngineOwner:
    """One connection, which asks one thing after the other."""

    def __init__(self, folder: Path):
        """`folder` is what `ops/lib/engine make` wrote."""
        owner = folder / "owner"
        server = urlsplit((owner / "servers").read_text().split()[0])
        plain = socket.create_connection((server.hostname, server.port), timeout=TIMEOUT_SECONDS)
        # The server speaks first, before there is TLS; a byte more would be TLS's.
        while not plain.recv(1).endswith(b"\n"):
            pass
        context = ssl.create_default_context(cafile=str(owner / "ca.pem"))
        context.load_cert_chain(owner / "cert.pem", owner / "key.pem")
        self.socket = context.wrap_socket(plain, server_hostname=server.hostname)
        self.reader = self.socket.makefile("rb")
        self.send(b'CONNECT {"verbose":false,"pedantic":false,"tls_required":true}\r\nSUB answers 1\r\nPING\r\n')
        while not (line := self.reader.readline()).startswith(b"PONG"):
            assert line and not line.startswith(b"-ERR"), line

    def close(self) -> None:
        self.reader.close()
        self.socket.close()

    def __enter__(self) -> "EngineOwner":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, subject: str, request: object = None) -> dict:
        body = json.dumps(request).encode() if request is not None else b""
        self.send(b"PUB $JS.API.%s answers %d\r\n%s\r\n" % (subject.encode(), len(body), body))
        while line := self.reader.readline():
            if line.startswith(b"PING"):
                self.send(b"PONG\r\n")
            elif line.startswith(b"MSG"):
                answer = json.loads(self.reader.read(int(line.split()[-1]) + 2))
                assert "error" not in answer, answer
                return answer
        raise AssertionError("the engine's server has closed the connection")

    def streams(self) -> list[str]:
        return self.ask("STREAM.NAMES")["streams"]

    def state(self, stream: str) -> dict:
        return self.ask(f"STREAM.INFO.{stream}")["state"]

    def trim(self, stream: str) -> int:
        """Has the stream forget, as one that keeps a week's messages does after a week; the first message that is left."""
        kept = self.ask(f"STREAM.INFO.{stream}")["config"]
        last = self.state(stream)["last_seq"]
        age = 3_000_000_000
        self.ask(f"STREAM.UPDATE.{stream}", kept | {"max_age": age, "duplicate_window": age})
        end = time.monotonic() + TIMEOUT_SECONDS
        while (first := self.state(stream)["first_seq"]) <= last:
            assert time.monotonic() < end, f"{stream} still begins at {first}"
            time.sleep(0.1)
        self.ask(f"STREAM.UPDATE.{stream}", kept)
        return first
