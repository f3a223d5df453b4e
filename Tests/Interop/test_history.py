"""Histories and pages of a ledger that grows."""

import grpc
import pytest

from authors import SIGNERS
from cairn_client import Client, Registrar, refused
from events import MINUTE, bad_sgtin_link, event_record, sgtin_elements, sgtin_urn

BASE = 1_750_000_000_000_000


def test_a_late_event_takes_its_place_by_event_time(client: Client, registrar: Registrar):
    author = registrar.register(SIGNERS["ed25519"]())
    for minute in (50, 10, 30, 30):
        client.record(author, [event_record([sgtin_urn("LATE")], at=BASE + minute * MINUTE)])
    history = client.history(sgtin_urn("LATE")).events
    assert [found.event.event_time.microseconds - BASE for found in history] == [m * MINUTE for m in (10, 30, 30, 50)]
    assert history[1].position < history[2].position


def test_a_long_history_comes_in_pages(client: Client, registrar: Registrar):
    author = registrar.register(SIGNERS["p256"]())
    for batch in range(5):
        times = [BASE + ((batch * 37 + i * 11) % 100) * MINUTE for i in range(50)]
        client.record(author, [event_record([sgtin_urn("LONG")], at=at) for at in times])
    found, token = [], ""
    while True:
        page = client.history(sgtin_elements("LONG"), page_size=30, page_token=token)
        assert len(page.events) <= 30
        found.extend(page.events)
        token = page.next_page_token
        if not token:
            break
    assert len({item.record_id for item in found}) == len(found) == 250
    order = [(item.event.event_time.microseconds, item.position, item.record_index) for item in found]
    assert order == sorted(order)


def test_an_item_that_nobody_saw_has_an_empty_history(client: Client):
    assert list(client.history(sgtin_urn("NOBODY")).events) == []


@pytest.mark.parametrize("item", ["", bad_sgtin_link("X"), "(01)123", "urn:epc:id:sgtin:1.2", "x" * 3_000])
def test_a_history_of_nothing_is_refused(client: Client, item: str):
    with refused() as caught:
        client.history(item)
    assert caught.refusal.code == grpc.StatusCode.INVALID_ARGUMENT
    assert "item" in caught.refusal.violations


def test_one_can_read_ones_own_writes(client: Client, registrar: Registrar):
    author = registrar.register(SIGNERS["ed25519"]())
    for number in range(20):
        item = f"urn:uuid:own:{number}"
        receipt = client.record(author, [event_record([item])])
        answer = client.history(item, minimum_log_size=receipt.log_size)
        assert len(answer.events) == 1 and answer.log_size >= receipt.log_size


def test_pages_answer_for_one_log_size_while_the_ledger_grows(client: Client, registrar: Registrar):
    author = registrar.register(SIGNERS["ed25519"]())
    item = "urn:uuid:growing"
    client.record(author, [event_record([item], at=BASE) for _ in range(40)])
    pages = []
    for page in client.query_pages(page_size=9, items=[item]):
        pages.append(page)
        client.record(author, [event_record([item], at=BASE)])
    assert {page.log_size for page in pages} == {pages[0].log_size}
    assert all(len(page.events) <= 9 for page in pages)
    found = [recorded.record_id for page in pages for recorded in page.events]
    assert len(found) == len(set(found)) == 40
    assert len(client.query(items=[item])) == 40 + len(pages)
