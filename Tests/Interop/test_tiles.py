"""The log as C2SP tiles, over HTTP and in a folder, audited by aics-tlog."""

import urllib.error
import urllib.request
from pathlib import Path
from typing import Iterator

import aics_tlog
import pytest

from authors import SIGNERS
from events import event_record, sgtin_link
from server import Server, run
from test_metrics import wait_for_line

# Two full tiles and part of a third, so that there is a level above.
ENTRIES = 600
FILES = 3 + 3 + 1


@pytest.fixture(scope="module")
def tiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("tiled") / "data").init().start("--tiles", "127.0.0.1:0")
    with server.client() as client:
        author = server.registrar(client).register(SIGNERS["ed25519"]())
        batches = []
        while len(batches) < ENTRIES - 2:
            batches.append(author.batch([event_record([sgtin_link(f"T{len(batches)}")])]))
            author.advance(batches[-1])
        assert all(answer.HasField("receipt") for answer in client.stream(batches))
    yield server
    server.kill()


def address(server: Server) -> str:
    return "http://" + wait_for_line(server, "tiles on ").removeprefix("tiles on ").strip()


def get(server: Server, path: str, method: str = "GET"):
    return urllib.request.urlopen(urllib.request.Request(f"{address(server)}/{path}", method=method), timeout=10)


def verified(server: Server, note: str) -> aics_tlog.checkpoint.CheckpointVerifyResult:
    ((origin, key),) = server.policy().logs.items()
    text = (server.directory / "policy").read_text().split()[1]
    result = aics_tlog.verify_checkpoint(aics_tlog.parse_note(note), aics_tlog.parse_vkey(text), expected_origin=origin)
    assert result.ok and result.size == ENTRIES, result.error
    return result


def test_a_third_party_audits_the_whole_log_over_http(tiled: Server):
    checkpoint = verified(tiled, get(tiled, "checkpoint").read().decode())
    reader = aics_tlog.HttpTileReader([address(tiled)])
    aics_tlog.audit_tiles(reader, checkpoint.size, checkpoint.root)
    assert aics_tlog.tiles.read_entry(reader, ENTRIES - 1, ENTRIES)


def test_a_folder_holds_the_same_log_and_is_only_added_to(tiled: Server, tmp_path: Path):
    paths = ("tile/0/000", "tile/entries/001", "tile/1/000.p/2", "tile/0/002.p/88", "checkpoint")
    served = {path: get(tiled, path).read() for path in paths}
    assert tiled.stop() == 0
    for files in (FILES, 0):
        result = run("cairnd", "tiles", tiled.directory, tmp_path / "mirror")
        assert result.returncode == 0, result.stderr
        assert result.stdout.startswith(f"tiles: {ENTRIES} entries, {files} files written"), result.stdout
    tiled.start("--tiles", "127.0.0.1:0")
    assert {path: (tmp_path / "mirror" / path).read_bytes() for path in paths} == served
    checkpoint = verified(tiled, served["checkpoint"].decode())
    reader = aics_tlog.FileSystemTileReader(tmp_path / "mirror")
    aics_tlog.audit_tiles(reader, checkpoint.size, checkpoint.root)
    damaged = tmp_path / "mirror/tile/entries/001"
    damaged.write_bytes(served["tile/entries/001"].replace(b"\x01", b"\x02"))
    with pytest.raises((aics_tlog.TileVerificationError, ValueError)):
        aics_tlog.audit_tiles(reader, checkpoint.size, checkpoint.root)


def test_what_cannot_change_may_be_kept_and_the_rest_is_asked_for_again(tiled: Server):
    tile = get(tiled, "tile/0/000", "HEAD")
    assert "immutable" in tile.headers["Cache-Control"] and tile.headers["Content-Length"] == "8192"
    assert tile.headers["Content-Type"] == "application/octet-stream"
    checkpoint = get(tiled, "checkpoint")
    assert checkpoint.headers["Cache-Control"] == "no-cache"
    assert checkpoint.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "method", "status", "words"),
    [
        ("tile/0/002", "GET", 404, "600 entries"),
        ("tile/0/002.p/89", "GET", 404, "600 entries"),
        ("tile/7/000", "GET", 404, "600 entries"),
        ("tile/0/0", "GET", 400, "tile/<L>/<N>"),
        ("tile/0/x000/001", "GET", 400, "tile/<L>/<N>"),
        ("tile/8/000", "GET", 400, "tile/<L>/<N>"),
        ("tile/0/000.p/256", "GET", 400, "tile/<L>/<N>"),
        ("tile/entries/..%2F000", "GET", 400, "tile/<L>/<N>"),
        ("tile/" + "9" * 5_000, "GET", 400, "tile/<L>/<N>"),
        ("metrics", "GET", 404, "/checkpoint"),
        ("checkpoint", "POST", 405, "GET or HEAD"),
    ],
)
def test_what_is_not_there_is_said_so(tiled: Server, path: str, method: str, status: int, words: str):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        get(tiled, path, method)
    assert refusal.value.code == status and words in refusal.value.read().decode()
