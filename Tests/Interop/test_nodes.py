"""`cairn status --node`: several nodes side by side."""

import json
import subprocess
from pathlib import Path
from typing import Iterator

import pytest

from server import Server, run


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[Server]]:
    servers = [Server(tmp_path / name).init(name).start() for name in ("one", "two")]
    yield servers
    for server in servers:
        server.kill()


def status(servers: list[Server], *arguments: object) -> subprocess.CompletedProcess[str]:
    """All of their certificates stand in one file."""
    certificates = servers[0].directory.parent / "all.pem"
    certificates.write_text("".join((server.directory / "tls/cert.pem").read_text() for server in servers))
    return run("cairn", "status", "--ca", certificates, *arguments)


def test_one_node_beside_itself_and_one_that_is_away(servers: list[Server]):
    node = servers[0].address
    well = status(servers, "--node", node, "--node", node)
    assert well.returncode == 0, well.stderr
    heading, *rows = well.stdout.splitlines()
    assert heading.split()[:5] == ["NODE", "MEMBER", "HEIGHT", "LAG", "FINAL"] and len(rows) == 2
    assert rows[0].split()[:8] == [node, "acme", "1", "0", "1", "1", "of", "1"], rows
    servers[1].stop()
    away = status(servers, "--node", node, "--node", servers[1].address or "127.0.0.1:1")
    assert away.returncode == 1 and len(away.stdout.splitlines()) == 3
    assert servers[1].address in away.stderr


def test_two_ledgers_are_said_and_programs_may_read_it(servers: list[Server]):
    arguments = [word for server in servers for word in ("--node", server.address)]
    result = status(servers, *arguments, "--json")
    nodes = json.loads(result.stdout)
    assert result.returncode == 1
    assert [node["logSize"] for node in nodes] == [1, 1] and all(node["engine"] == "none" for node in nodes)
    assert len({node["ledgerId"] for node in nodes}) == 2
    assert "2 different ledgers" in status(servers, *arguments).stderr


def test_one_server_is_told_as_before(servers: list[Server]):
    result = status(servers, "--server", servers[0].address)
    assert result.returncode == 0 and result.stdout.startswith("ledger ")
