"""The figures for Prometheus, read by its own parser; warnings of what is going to expire; a new TLS certificate."""

import signal
import ssl
import socket
import time
import urllib.error
import urllib.request

import pytest
from cairn.v1 import consortium_pb2 as pb
from prometheus_client.parser import text_string_to_metric_families

from authors import Ed25519Signer
from server import START_SECONDS, Server, run

DAY = 86_400


def figures(server: Server) -> dict[str, dict[tuple[str, ...], float]]:
    """Figure by name, then by its label values in order of their names."""
    text = urllib.request.urlopen(metrics_address(server) + "/metrics", timeout=10).read().decode()
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation and family.type in ("gauge", "counter"), family
        for sample in family.samples:
            values = tuple(value for _, value in sorted(sample.labels.items()))
            assert values not in found.setdefault(sample.name, {}), sample
            found[sample.name][values] = sample.value
    return found


def metrics_address(server: Server) -> str:
    return "http://" + wait_for_line(server, "metrics on ").removeprefix("metrics on ").strip()


def wait_for_line(server: Server, beginning: str) -> str:
    deadline = time.monotonic() + START_SECONDS
    while True:
        for line in server.output().splitlines():
            if beginning in line:
                return line
        assert time.monotonic() < deadline, server.output()
        time.sleep(0.01)


def test_prometheus_reads_the_figures(own_server: Server):
    own_server.start("--metrics", "127.0.0.1:0")
    with own_server.client() as client:
        registrar = own_server.registrar(client)
        soon = time.time_ns() // 1000 + 3 * DAY * 1_000_000
        registrar.register(Ed25519Signer(), "acme", not_after_microseconds=soon)
        found = figures(own_server)
        assert found["cairn_log_size"][()] == client.info().log_size == 2
        assert found["cairn_records_total"][()] == 2
        assert found["cairn_keys_in_force"][("device",)] == 1 and found["cairn_keys_in_force"][("admin",)] == 1
        assert found["cairn_keys_expiring"] == {("7", "acme"): 1, ("30", "acme"): 1}
        assert 820 * DAY < found["cairn_tls_certificate_expiry_seconds"][()] < 826 * DAY
        assert found["cairn_serving"][()] == 1 and found["cairn_connections"][()] >= 1
        assert (found["cairn_members"][("active",)], found["cairn_proposals_open"][()]) == (1, 0)
    wait_for_line(own_server, "1 other keys of acme expire within 30 days, 1 of them within 7 days")
    assert own_server.stop() == 0, own_server.output()


def test_only_the_figures_are_there(own_server: Server):
    own_server.start("--metrics", "127.0.0.1:0")
    address = metrics_address(own_server)
    for path, method, status in [("/", "GET", 404), ("/metrics/x", "GET", 404), ("/metrics", "POST", 405)]:
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(urllib.request.Request(address + path, method=method), timeout=10)
        assert caught.value.code == status
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n")
        assert b" 200 " not in raw.recv(4_096)
    assert figures(own_server)["cairn_log_size"][()] == 1
    assert own_server.stop() == 0, own_server.output()


def test_a_busy_port_is_said(own_server: Server):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = own_server.spawn("--metrics", f"127.0.0.1:{taken.getsockname()[1]}")
        assert process.wait(START_SECONDS) != 0
    assert "LISTEN_FAILED" in own_server.output()


def served(server: Server) -> bytes:
    host, port = server.address.rsplit(":", 1)
    return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((host, int(port))))


def test_a_new_certificate_is_taken_without_a_restart(own_server: Server):
    own_server.start("--metrics", "127.0.0.1:0")
    before = served(own_server)
    file = own_server.directory / "tls/cert.pem"
    key = (own_server.directory / "tls/key.pem").read_bytes()
    made = run("cairnd", "certificate", own_server.directory, "--hostname", "node.example", "--days", 20)
    assert made.returncode == 0 and "node.example" in made.stdout, made.stderr
    assert served(own_server) == before
    own_server.process.send_signal(signal.SIGHUP)
    wait_for_line(own_server, "took the TLS certificate again")
    assert served(own_server) == ssl.PEM_cert_to_DER_cert(file.read_text()) != before
    assert (own_server.directory / "tls/key.pem").read_bytes() == key
    assert figures(own_server)["cairn_tls_certificate_expiry_seconds"][()] < 21 * DAY
    with own_server.client() as client:
        assert client.info().log_size == 1
    file.write_text("no certificate")
    own_server.process.send_signal(signal.SIGHUP)
    wait_for_line(own_server, "kept the TLS certificate that there was")
    assert served(own_server) != before
    assert own_server.stop() == 0, own_server.output()


def test_a_certificate_that_ends_soon_is_an_error_in_the_log(own_server: Server):
    assert run("cairnd", "certificate", own_server.directory, "--days", 5).returncode == 0
    own_server.start()
    line = wait_for_line(own_server, "the TLS certificate of this server expires at")
    assert " error " in line and ("in 4 days" in line or "in 5 days" in line), line
    assert own_server.stop() == 0, own_server.output()
