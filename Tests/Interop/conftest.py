"""One server for the tests that only talk to it, a new one for each test that does things to it."""

import os
from pathlib import Path
from typing import Iterator

import pytest

from authors import SIGNERS, Author
from cairn_client import Client, Registrar
from notes import Policy
from server import Server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a server only the client's own tests run."""
    if os.environ["CAIRN_BIN"] != "none":
        return
    for item in items:
        if not item.path.name.startswith("test_client_"):
            item.add_marker(pytest.mark.skip(reason="CAIRN_BIN is none"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that a module's tests share."""
    server = Server(tmp_path_factory.mktemp("shared") / "data").init().start()
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def registrar(server: Server, client: Client) -> Registrar:
    return server.registrar(client)


@pytest.fixture(scope="module")
def policy(server: Server) -> Policy:
    return server.policy()


@pytest.fixture
def author(registrar: Registrar) -> Author:
    """A newly registered device with an Ed25519 key."""
    return registrar.register(SIGNERS["ed25519"]())


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, not yet started."""
    server = Server(tmp_path / "data").init()
    yield server
    server.kill()
