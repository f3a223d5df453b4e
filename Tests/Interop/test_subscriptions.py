"""Subscriptions: nothing is missed, whoever dies."""

import queue
import stat
import threading
from contextlib import contextmanager
from itertools import count
from typing import Iterator

import grpc
import pytest
from cairn.v1 import consortium_pb2, event_filter_pb2, provenance_pb2, recorded_event_pb2
from cairn.v1 import subscription_service_pb2 as pb
from cairn.v1.subscription_service_pb2_grpc import SubscriptionServiceStub

from authors import SIGNERS, Author, Ed25519Signer, record
from cairn_client import TIMEOUT, Client, Refusal, Registrar, check_refusal, refused
from events import event, event_record, now, sgln_urn, sgtin_link, sgtin_urn
from identity import Bearer
from server import Server

Events = list[recorded_event_pb2.RecordedEvent]
numbers = count()


class Subscriber:
    """A client's subscriptions."""

    def __init__(self, client: Client):
        self.stub = SubscriptionServiceStub(client.channel)

    def create(self, name: str = "", **fields: object) -> str:
        """Makes a subscription; gives its name."""
        name = name or f"s{next(numbers)}"
        made = self.stub.CreateSubscription(pb.CreateSubscriptionRequest(name=name, **fields), timeout=TIMEOUT)
        assert made.created and made.subscription.name == name
        return name

    def get(self, name: str) -> pb.Subscription:
        return self.stub.GetSubscription(pb.GetSubscriptionRequest(name=name), timeout=TIMEOUT).subscription

    def acknowledge(self, name: str, event: recorded_event_pb2.RecordedEvent) -> pb.LogPlace:
        request = pb.AcknowledgeRequest(name=name, through=place(event))
        return self.stub.Acknowledge(request, timeout=TIMEOUT).cursor

    @contextmanager
    def receiving(self, name: str, max_in_flight: int = 0) -> Iterator["Receiver"]:
        receiver = Receiver(self.stub, pb.ReceiveStart(name=name, max_in_flight=max_in_flight))
        try:
            yield receiver
        finally:
            receiver.hang_up()


class Receiver:
    """A running Receive call."""

    def __init__(self, stub: SubscriptionServiceStub, start: pb.ReceiveStart):
        self.requests: queue.Queue[pb.ReceiveRequest | None] = queue.Queue()
        self.requests.put(pb.ReceiveRequest(start=start))
        self.call = stub.Receive(iter(self.requests.get, None), timeout=TIMEOUT)

    def take(self, number: int) -> Events:
        """The next events, so many."""
        events: Events = []
        while len(events) < number:
            events.extend(next(self.call).events)
        assert len(events) == number
        return events

    def take_some(self) -> Events:
        """The next message's events."""
        while not (events := list(next(self.call).events)):
            pass
        return events

    def until_caught_up(self) -> Events:
        events: Events = []
        while True:
            message = next(self.call)
            events.extend(message.events)
            if message.caught_up:
                return events

    def acknowledge(self, event: recorded_event_pb2.RecordedEvent) -> None:
        self.requests.put(pb.ReceiveRequest(acknowledge=place(event)))

    def ending(self) -> Refusal:
        """How the server ends the call."""
        with pytest.raises(grpc.RpcError) as caught:
            while True:
                next(self.call)
        refusal = Refusal.of(caught.value)
        check_refusal(refusal)
        return refusal

    def hang_up(self) -> None:
        self.requests.put(None)
        self.call.cancel()


def place(event: recorded_event_pb2.RecordedEvent) -> pb.LogPlace:
    return pb.LogPlace(position=event.position, record_index=event.record_index)


def places(events: Events) -> list[tuple[int, int]]:
    return [(event.position, event.record_index) for event in events]


def item_filter(*items: str) -> event_filter_pb2.EventFilter:
    return event_filter_pb2.EventFilter(items=items)


@pytest.fixture
def own(client: Client) -> Subscriber:
    return Subscriber(client)


@pytest.fixture
def item() -> str:
    """An item of the test's own."""
    return sgtin_link(f"SUB{next(numbers)}")


def write(client: Client, author: Author, item: str, number: int, **fields: object) -> list[tuple[int, int]]:
    """Records events in batches of one, each beside one of something else; gives their places."""
    written = []
    for _ in range(number):
        receipt = client.record(author, [event_record(["urn:uuid:other"]), event_record([item], **fields)])
        written.append((receipt.position, 1))
    return written


def test_what_is_not_acknowledged_comes_again_and_what_is_does_not(
    client: Client, own: Subscriber, author: Author, item: str
):
    name = own.create(filter=item_filter(item))
    written = write(client, author, item, 5)
    with own.receiving(name) as receiver:
        events = receiver.until_caught_up()
        assert places(events) == written
        receiver.acknowledge(events[1])
        assert own.acknowledge(name, events[1]) == pb.LogPlace(position=written[1][0], record_index=2)
    with own.receiving(name) as again:
        events = again.until_caught_up()
        assert places(events) == written[2:]
        own.acknowledge(name, events[-1])
    written = write(client, author, item, 1)
    with own.receiving(name) as again:
        assert places(again.take(1)) == written


def test_events_come_as_they_are_recorded(client: Client, own: Subscriber, author: Author, item: str):
    wanted = event_filter_pb2.EventFilter(items=[sgtin_urn("LATER"), item], biz_steps=["receiving"])
    name = own.create(filter=wanted)
    with own.receiving(name) as receiver:
        assert receiver.until_caught_up() == []
        for _ in range(3):
            write(client, author, item, 1, biz_step="shipping")
            expected = write(client, author, item, 1, biz_step="receiving")
            events = receiver.take(1)
            assert places(events) == expected
            receiver.acknowledge(events[0])


FILTERS = [
    dict(read_points=[sgln_urn("00077")]),
    dict(places=[sgln_urn("00077")]),
    dict(event_ids=["urn:uuid:6e6a2e2c-2b1a-4c0b-9b56-77b7c7c7c7c7"]),
    dict(biz_steps=["destroying"]),
    dict(dispositions=["destroyed"], biz_steps=["destroying", "urn:epcglobal:cbv:bizstep:staging_outbound"]),
    dict(types=[provenance_pb2.EVENT_TYPE_OBJECT], dispositions=["destroyed"]),
]


@pytest.mark.parametrize("wanted", FILTERS)
@pytest.mark.parametrize("live", [False, True])
def test_every_kind_of_filter_finds_its_events(
    client: Client, own: Subscriber, author: Author, wanted: dict[str, object], live: bool
):
    marked = event_record(
        ["urn:uuid:marked"], biz_step="destroying", disposition="destroyed",
        read_point=provenance_pb2.Location(id=sgln_urn("00077")), event_id=FILTERS[2]["event_ids"][0],
    )
    name = own.create(filter=event_filter_pb2.EventFilter(**wanted))

    def write_some() -> list[tuple[int, int]]:
        receipts = [client.record(author, [event_record(["urn:uuid:other"]), marked]) for _ in range(3)]
        return [(receipt.position, 1) for receipt in receipts]

    if live:
        with own.receiving(name) as receiver:
            assert receiver.until_caught_up() == []
            written = write_some()
            assert places(receiver.take(3)) == written
    else:
        written = write_some()
        with own.receiving(name) as receiver:
            assert places(receiver.until_caught_up()) == written


def test_a_subscription_may_begin_in_the_past(client: Client, own: Subscriber, author: Author, item: str):
    written = write(client, author, item, 4)
    name = own.create(filter=item_filter(item), from_position=written[1][0])
    everything = own.create(filter=item_filter(item), from_position=0)
    later = own.create(filter=item_filter(item))
    for each, expected in ((name, written[1:]), (everything, written), (later, [])):
        with own.receiving(each) as receiver:
            assert places(receiver.until_caught_up()) == expected


def test_no_more_is_in_flight_than_was_asked_for(client: Client, own: Subscriber, author: Author, item: str):
    name = own.create(filter=item_filter(item))
    written = write(client, author, item, 7)
    with own.receiving(name, max_in_flight=2) as receiver:
        events = receiver.take(2)
        for _ in range(5):
            assert own.get(name).in_flight == 2
            own.acknowledge(name, events[-2])
            events += receiver.take(1)
        assert places(events) == written
        assert own.get(name).in_flight == 2


def test_a_new_receiver_takes_over(client: Client, own: Subscriber, author: Author, item: str):
    name = own.create(filter=item_filter(item))
    with own.receiving(name) as first:
        assert first.until_caught_up() == []
        assert own.get(name).connected
        with own.receiving(name) as second:
            assert second.until_caught_up() == []
            ending = first.ending()
            assert (ending.code, ending.reason) == (grpc.StatusCode.ABORTED, "SUBSCRIPTION_TAKEN_OVER")
            written = write(client, author, item, 2)
            assert places(second.take(2)) == written


def test_a_client_that_cannot_stream_acknowledges_by_itself(
    client: Client, own: Subscriber, author: Author, item: str
):
    name = own.create(filter=item_filter(item))
    written = write(client, author, item, 3)
    call = own.stub.Receive(
        iter([pb.ReceiveRequest(start=pb.ReceiveStart(name=name, max_in_flight=1))]), timeout=TIMEOUT
    )
    for expected in written:
        message = next(call)
        while not message.events:
            message = next(call)
        assert places(message.events) == [expected]
        own.acknowledge(name, message.events[0])
    call.cancel()


def test_a_deleted_subscription_ends_its_receiver(own: Subscriber):
    name = own.create()
    with own.receiving(name) as receiver:
        receiver.until_caught_up()
        own.stub.DeleteSubscription(pb.DeleteSubscriptionRequest(name=name), timeout=TIMEOUT)
        assert receiver.ending().reason == "UNKNOWN_SUBSCRIPTION"
    with refused("UNKNOWN_SUBSCRIPTION"):
        own.get(name)


def test_a_subscription_is_made_once_and_its_filter_stays(client: Client, own: Subscriber, item: str):
    name = own.create(filter=item_filter(item), description="the mill's incoming goods")
    again = own.stub.CreateSubscription(
        pb.CreateSubscriptionRequest(name=name, filter=item_filter(item), from_position=0), timeout=TIMEOUT
    )
    assert not again.created and again.subscription == own.get(name)
    assert again.subscription.description == "the mill's incoming goods"
    assert again.subscription.filter == item_filter(item)
    with refused("SUBSCRIPTION_DIFFERS") as caught:
        own.create(name, filter=item_filter("urn:uuid:other"))
    assert caught.refusal.code == grpc.StatusCode.ALREADY_EXISTS
    assert "delete" in caught.refusal.message and list(caught.refusal.violations) == ["filter"]


def test_subscriptions_are_listed_page_by_page(server: Server, registrar: Registrar, client: Client):
    names = sorted(Subscriber(client).create(f"list-{number}") for number in range(7))
    seen, token = [], ""
    while True:
        request = pb.ListSubscriptionsRequest(page_size=3, page_token=token)
        page = Subscriber(client).stub.ListSubscriptions(request, timeout=TIMEOUT)
        assert len(page.subscriptions) <= 3
        seen += [subscription.name for subscription in page.subscriptions]
        token = page.next_page_token
        if not token:
            break
    assert seen == sorted(seen) and set(names) <= set(seen)


WRONG = [
    ("CreateSubscription", pb.CreateSubscriptionRequest(name="Ships"), "name"),
    ("CreateSubscription", pb.CreateSubscriptionRequest(name="x" * 65), "name"),
    ("CreateSubscription", pb.CreateSubscriptionRequest(name="x", description="y" * 257), "description"),
    ("CreateSubscription", pb.CreateSubscriptionRequest(name="x", description="a\nb"), "description"),
    ("CreateSubscription", pb.CreateSubscriptionRequest(name="x", from_position=1 << 40), "from_position"),
    (
        "CreateSubscription",
        pb.CreateSubscriptionRequest(name="x", filter=item_filter("urn:uuid:a", "no item")),
        "filter.items[1]",
    ),
    (
        "CreateSubscription",
        pb.CreateSubscriptionRequest(name="x", filter=item_filter(*(f"urn:uuid:{n:0500}" for n in range(40)))),
        "filter",
    ),
    ("GetSubscription", pb.GetSubscriptionRequest(), "name"),
    ("DeleteSubscription", pb.DeleteSubscriptionRequest(name="?"), "name"),
    ("ListSubscriptions", pb.ListSubscriptionsRequest(page_size=1_001), "page_size"),
    ("ListSubscriptions", pb.ListSubscriptionsRequest(page_token="?"), "page_token"),
    ("Acknowledge", pb.AcknowledgeRequest(name="wrong"), "through"),
    (
        "Acknowledge",
        pb.AcknowledgeRequest(name="wrong", through=pb.LogPlace(position=0, record_index=(1 << 32) - 1)),
        "through",
    ),
    (
        "Acknowledge",
        pb.AcknowledgeRequest(name="wrong", through=pb.LogPlace(position=(1 << 64) - 1)),
        "through",
    ),
]


@pytest.mark.parametrize("method, request_, field", WRONG)
def test_a_wrong_request_names_its_field(own: Subscriber, method: str, request_: object, field: str):
    own.stub.CreateSubscription(pb.CreateSubscriptionRequest(name="wrong"), timeout=TIMEOUT)
    with refused() as caught:
        getattr(own.stub, method)(request_, timeout=TIMEOUT)
    assert caught.refusal.code == grpc.StatusCode.INVALID_ARGUMENT
    assert list(caught.refusal.violations) == [field]


@pytest.mark.parametrize(
    "requests, field",
    [
        ([], "start"),
        ([pb.ReceiveRequest()], "start"),
        ([pb.ReceiveRequest(acknowledge=pb.LogPlace())], "start"),
        ([pb.ReceiveRequest(start=pb.ReceiveStart(name="wrong", max_in_flight=1_001))], "start.max_in_flight"),
        ([pb.ReceiveRequest(start=pb.ReceiveStart(name="?"))], "start.name"),
        ([pb.ReceiveRequest(start=pb.ReceiveStart(name="wrong"))] * 2, "start"),
        (
            [
                pb.ReceiveRequest(start=pb.ReceiveStart(name="wrong")),
                pb.ReceiveRequest(acknowledge=pb.LogPlace(position=1 << 40)),
            ],
            "acknowledge",
        ),
    ],
)
def test_a_wrong_stream_names_its_field(own: Subscriber, requests: list[pb.ReceiveRequest], field: str):
    own.stub.CreateSubscription(pb.CreateSubscriptionRequest(name="wrong"), timeout=TIMEOUT)
    with refused() as caught:
        list(own.stub.Receive(iter(requests), timeout=TIMEOUT))
    assert caught.refusal.code == grpc.StatusCode.INVALID_ARGUMENT
    assert list(caught.refusal.violations) == [field]


def test_a_member_has_a_limited_number(own_server: Server):
    own_server.start()
    with own_server.client() as client:
        own = Subscriber(client)
        for _ in range(1_000):
            own.create()
        with refused("TOO_MANY_SUBSCRIPTIONS") as caught:
            own.create()
        assert caught.refusal.code == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert caught.refusal.metadata["limit"] == "1000"


def test_who_is_a_device_or_nobody_has_none(server: Server, registrar: Registrar, author: Author):
    with server.client_as(Bearer.of(author.signer, registrar.ledger_id)) as device, server.client_as(None) as nobody:
        for client, reason in ((device, "ROLE_FORBIDS_CALL"), (nobody, "IDENTITY_REQUIRED")):
            with refused(reason):
                Subscriber(client).create()
            with refused(reason):
                list(Subscriber(client).stub.Receive(iter([]), timeout=TIMEOUT))


@pytest.fixture(scope="module")
def kilo(server: Server, registrar: Registrar, client: Client) -> Iterator[tuple[Client, Author]]:
    """Another member's operator."""
    signer = Ed25519Signer()
    role = consortium_pb2.ROLE_OPERATOR
    key = consortium_pb2.RegisterKey(public_key=signer.public_key, member_id="kilo", roles=[role])
    terms = consortium_pb2.Member(id="kilo", legal_name="kilo", country="CN", roles=[role])
    proposal = consortium_pb2.Proposal(
        reason="agreed", expires_at_microseconds=now() + 3_600_000_000, add_member=consortium_pb2.AddMember(member=terms, keys=[key])
    )
    with registrar.lock:
        change = consortium_pb2.ConsortiumRecord(propose=proposal)
        registrar.client.record(registrar.author, [record(consortium=change)])
    with server.client_as(Bearer.of(signer, registrar.ledger_id)) as other:
        yield other, Author(signer, registrar.ledger_id)


def test_another_member_sees_nothing_of_it(
    client: Client, own: Subscriber, author: Author, kilo: tuple[Client, Author], item: str
):
    name = own.create(filter=item_filter(item))
    (position, index), *_ = write(client, author, item, 1)
    other = Subscriber(kilo[0])
    with refused("UNKNOWN_SUBSCRIPTION"):
        other.get(name)
    with refused("UNKNOWN_SUBSCRIPTION"):
        through = pb.LogPlace(position=position, record_index=index)
        other.stub.Acknowledge(pb.AcknowledgeRequest(name=name, through=through), timeout=TIMEOUT)
    with refused("UNKNOWN_SUBSCRIPTION"):
        other.stub.DeleteSubscription(pb.DeleteSubscriptionRequest(name=name), timeout=TIMEOUT)
    with other.receiving(name) as receiver:
        assert receiver.ending().reason == "UNKNOWN_SUBSCRIPTION"
    assert name not in [each.name for each in other.stub.ListSubscriptions(pb.ListSubscriptionsRequest()).subscriptions]
    # The same name is free for another member.
    assert other.create(name, filter=item_filter("urn:uuid:kilo"))
    with own.receiving(name) as receiver:
        assert places(receiver.until_caught_up()) == [(position, index)]


@pytest.mark.parametrize("live", [False, True])
def test_who_receives_gets_what_it_may_read(
    client: Client, author: Author, kilo: tuple[Client, Author], item: str, live: bool
):
    other = Subscriber(kilo[0])
    by_item, by_step = other.create(filter=item_filter(item)), other.create(
        filter=event_filter_pb2.EventFilter(biz_steps=["shipping"])
    )

    def write_mixed() -> list[tuple[int, int]]:
        secret = consortium_pb2.Visibility(audience=consortium_pb2.AUDIENCE_PARTIES, member_ids=["acme"])
        body = provenance_pb2.ProvenanceRecord(event=event([item]))
        records = [record(provenance=body, visibility=secret), record(provenance=body), record(provenance=body)]
        receipts = [client.record(author, records) for _ in range(3)]
        return [(receipt.position, index) for receipt in receipts for index in (1, 2)]

    for name in (by_item, by_step):
        if not live:
            written = write_mixed()
        with other.receiving(name) as receiver:
            if live:
                assert places(receiver.until_caught_up())[6:] == []
                written = write_mixed()
                assert places(receiver.take(6)) == written
            else:
                assert places(receiver.until_caught_up())[-6:] == written


def test_a_revoked_key_receives_no_more(server: Server, registrar: Registrar):
    signer = SIGNERS["ed25519"]()
    reader = registrar.register(signer, role=consortium_pb2.ROLE_OPERATOR)
    with server.client_as(Bearer.of(signer, registrar.ledger_id)) as client:
        own = Subscriber(client)
        with own.receiving(own.create()) as receiver:
            receiver.until_caught_up()
            registrar.revoke(reader)
            assert receiver.ending().code == grpc.StatusCode.UNAUTHENTICATED


def test_a_slow_receiver_stalls_nobody(server: Server, client: Client, own: Subscriber, author: Author, item: str):
    everything, wanted = own.create(), own.create(filter=item_filter(item))
    bulk = [f"urn:uuid:{number:01000}" for number in range(50)]
    with server.client() as slow, own.receiving(wanted, 1_000) as brisk:
        stuck = Subscriber(slow)
        with stuck.receiving(everything, 1_000) as never_read:
            for _ in range(40):
                client.record(author, [event_record(bulk)] * 8)
            written = write(client, author, item, 20)
            assert places(brisk.take(20)) == written
            assert own.get(everything).connected
            assert sum(len(event.event.epc_list.items) for event in never_read.take_some()) > 0


@pytest.mark.parametrize("way", ["kill", "stop"])
def test_the_cursor_survives_the_server(own_server: Server, way: str):
    own_server.start()
    with own_server.client() as client:
        own = Subscriber(client)
        author = own_server.registrar(client).register(SIGNERS["ed25519"]())
        name = own.create(filter=item_filter("urn:uuid:lasting"), description="lasting")
        written = write(client, author, "urn:uuid:lasting", 6)
        with own.receiving(name) as receiver:
            events = receiver.until_caught_up()
            assert places(events) == written
            own.acknowledge(name, events[2])
            if way == "stop":
                receiver.acknowledge(events[3])
                assert own.get(name).cursor.position >= written[2][0]
            before = own.get(name)
            if way == "kill":
                own_server.kill()
            else:
                assert own_server.stop() == 0, own_server.output()
                assert receiver.ending().code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    assert stat.S_IMODE((own_server.directory / "subscriptions.db").stat().st_mode) == 0o600
    assert own_server.check().returncode == 0 and own_server.rebuild().returncode == 0
    own_server.start()
    with own_server.client() as client:
        own = Subscriber(client)
        after = own.get(name)
        assert (after.description, after.filter) == (before.description, before.filter)
        assert (after.cursor.position, after.cursor.record_index) >= (written[2][0], 2)
        with own.receiving(name) as receiver:
            events = receiver.until_caught_up()
            assert places(events) == written[-len(events) :]
            assert len(events) == 3 if way == "kill" else len(events) in (2, 3)


def test_an_idle_cursor_moves_on(own_server: Server):
    """So that what others record is not looked at again, the cursor of one for whom there is nothing goes with the log."""
    own_server.start()
    with own_server.client() as client:
        own = Subscriber(client)
        author = own_server.registrar(client).register(SIGNERS["ed25519"]())
        name = own.create(filter=item_filter("urn:uuid:rare"))
        with own.receiving(name) as receiver:
            assert receiver.until_caught_up() == []
            write(client, author, "urn:uuid:common", 20)
            # What is recorded for it shows that everything before was looked at.
            write(client, author, "urn:uuid:rare", 1)
            own.acknowledge(name, receiver.take(1)[0])
        assert own_server.stop() == 0, own_server.output()
    own_server.start()
    with own_server.client() as client:
        own = Subscriber(client)
        assert own.get(name).cursor.position >= own.get(name).log_size - 1


def test_many_receive_while_many_write(server: Server, client: Client, registrar: Registrar):
    """Two hundred subscriptions of every kind, four writers; each gets exactly its own."""
    own = Subscriber(client)
    kinds = [dict(items=[f"urn:uuid:many-{n}"]) for n in range(100)]
    kinds += [dict(read_points=[sgln_urn("00088", f"{n}")]) for n in range(80)]
    kinds += [dict(biz_steps=[step], items=[f"urn:uuid:many-{n}"]) for n in range(5) for step in STEPS]
    start = client.info().log_size
    names = [own.create(filter=event_filter_pb2.EventFilter(**kind)) for kind in kinds]
    counts = {}
    with server.client() as receiving:
        receivers = [Receiver(Subscriber(receiving).stub, pb.ReceiveStart(name=name)) for name in names]
        for receiver in receivers:
            assert receiver.until_caught_up() == []

        def write_some(number: int) -> None:
            author = registrar.register(SIGNERS["ed25519"]())
            with server.client() as own_client:
                batches = [
                    author.next_batch(
                        [
                            event_record(
                                [f"urn:uuid:many-{(n + 7 * part) % 100}"], biz_step=STEPS[(n + part) % len(STEPS)],
                                read_point=provenance_pb2.Location(id=sgln_urn("00088", f"{(n + part) % 80}")),
                            )
                            for part in range(20)
                        ]
                    )
                    for n in range(number, number + 25)
                ]
                assert all(answer.HasField("receipt") for answer in own_client.stream(batches))

        threads = [threading.Thread(target=write_some, args=(25 * number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name, kind, receiver in zip(names, kinds, receivers):
            expected = [
                found.record_id
                for found in client.query(1_000, **kind)
                if found.position >= start
            ]
            counts[name] = len(expected)
            got: list[bytes] = []
            while len(got) < len(expected):
                events = next(receiver.call).events
                got += [found.record_id for found in events]
                if events:
                    receiver.acknowledge(events[-1])
            assert got == expected, kind
            receiver.hang_up()
    assert sum(counts.values()) > 2_000


STEPS = ["shipping", "receiving", "packing", "storing"]
