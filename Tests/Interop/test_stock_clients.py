"""Stock tools work unchanged: grpcio's own health and reflection packages, TLS as it comes."""

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Iterator

import grpc
import pytest
from cairn.v1 import ledger_pb2, ledger_service_pb2, subscription_service_pb2, subscription_service_pb2_grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from cairn_client import Client
from server import Server, run

CAIRN = ("Ledger", "Provenance", "MasterData", "Audit", "Consortium", "Subscription", "Peer")
SERVICES = {f"cairn.v1.{name}Service" for name in CAIRN}
STOCK = {"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"}
SERVING = health_pb2.HealthCheckResponse.SERVING


# Health


@pytest.fixture(scope="module")
def health(client: Client) -> health_pb2_grpc.HealthStub:
    return health_pb2_grpc.HealthStub(client.channel)


@pytest.mark.parametrize("service", ["", *sorted(SERVICES)])
def test_a_healthy_server_says_so(health: health_pb2_grpc.HealthStub, service: str):
    request = health_pb2.HealthCheckRequest(service=service)
    assert health.Check(request, timeout=30).status == SERVING
    watch = health.Watch(request, timeout=30)
    assert next(watch).status == SERVING
    watch.cancel()


def test_an_unknown_service_has_no_health(health: health_pb2_grpc.HealthStub):
    request = health_pb2.HealthCheckRequest(service="cairn.v1.Nothing")
    with pytest.raises(grpc.RpcError) as caught:
        health.Check(request, timeout=30)
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    watch = health.Watch(request, timeout=30)
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    watch.cancel()


# Reflection


def test_reflection_lists_every_service(client: Client):
    assert set(ProtoReflectionDescriptorDatabase(client.channel).get_services()) == SERVICES | STOCK


def test_reflection_is_enough_to_make_a_call(client: Client):
    """A client without stubs, as grpcurl is."""
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(client.channel))
    method = pool.FindServiceByName("cairn.v1.LedgerService").FindMethodByName("GetLedger")
    request, response = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
    call = client.channel.unary_unary(
        "/cairn.v1.LedgerService/GetLedger",
        request_serializer=request.SerializeToString,
        response_deserializer=response.FromString,
    )
    assert call(request(), timeout=30).ledger_id == client.info().ledger_id


def test_reflection_describes_what_the_proto_files_say(client: Client):
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(client.channel))
    for ours in (ledger_service_pb2.DESCRIPTOR, ledger_pb2.DESCRIPTOR):
        for name, message in ours.message_types_by_name.items():
            theirs = pool.FindMessageTypeByName(f"cairn.v1.{name}")
            assert {f.name: (f.number, f.type) for f in theirs.fields} == {
                f.name: (f.number, f.type) for f in message.fields
            }


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_both_versions_of_reflection_answer(client: Client, version: str):
    """The two differ in their package only."""
    Request = reflection_pb2.ServerReflectionRequest
    call = client.channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=Request.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    questions = [
        Request(list_services=""),
        Request(file_containing_symbol="cairn.v1.Batch"),
        Request(file_containing_symbol="cairn.v1.LedgerService.Submit"),
        Request(file_by_filename="cairn/v1/ledger.proto"),
        Request(file_containing_symbol="cairn.v1.Nothing"),
        Request(file_by_filename="nothing.proto"),
    ]
    listed, symbol, method, file, *unknown = call(iter(questions), timeout=30)
    assert {service.name for service in listed.list_services_response.service} == SERVICES | STOCK
    assert symbol.file_descriptor_response.file_descriptor_proto
    assert method.file_descriptor_response.file_descriptor_proto
    assert file.file_descriptor_response == symbol.file_descriptor_response
    assert file.original_request == questions[3]
    assert [answer.error_response.error_code for answer in unknown] == [grpc.StatusCode.NOT_FOUND.value[0]] * 2


# Transport


def fails_to_connect(channel: grpc.Channel) -> None:
    call = channel.unary_unary("/cairn.v1.LedgerService/GetLedger")
    with channel, pytest.raises(grpc.RpcError) as caught:
        call(b"", timeout=20)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE, caught.value


def test_a_plaintext_client_meets_a_closed_door(server: Server, client: Client):
    fails_to_connect(grpc.insecure_channel(server.address))
    assert client.info().log_size


def test_a_client_that_does_not_know_the_certificate_goes_away(server: Server, client: Client):
    fails_to_connect(grpc.secure_channel(server.address, grpc.ssl_channel_credentials()))
    assert client.info().log_size


def test_a_client_may_use_the_name_localhost(server: Server):
    port = server.address.rpartition(":")[2]
    with Client(f"localhost:{port}", (server.directory / "tls/cert.pem").read_bytes()) as client:
        assert client.info().log_size


def test_an_unknown_method_is_unimplemented(client: Client):
    with pytest.raises(grpc.RpcError) as caught:
        client.channel.unary_unary("/cairn.v1.LedgerService/Erase")(b"", timeout=30)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_plaintext_is_served_only_by_explicit_flag(own_server: Server):
    own_server.start("--plaintext")
    with own_server.client() as client:
        assert client.info().log_size == 1
    assert own_server.stop() == 0


def test_plaintext_stays_on_this_machine(own_server: Server):
    result = run("cairnd", "serve", own_server.directory, "--listen", "0.0.0.0:0", "--plaintext", timeout=30)
    assert result.returncode > 0
    assert "PLAINTEXT" in result.stderr.upper()


def test_keys_are_for_the_owner_only(own_server: Server):
    folder = own_server.directory
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for secret in ("keys/log.pem", "keys/admin.pem", "tls/key.pem"):
        assert stat.S_IMODE((folder / secret).stat().st_mode) == 0o600, secret


def test_an_existing_ledger_is_not_founded_again(own_server: Server):
    before = {path: path.read_bytes() for path in own_server.directory.rglob("*") if path.is_file()}
    result = run("cairnd", "init", own_server.directory, "--name", "harbour")
    assert result.returncode > 0
    assert before == {path: path.read_bytes() for path in own_server.directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["", "UPPER", "a b", "a/b", "x" * 65])
def test_a_ledger_needs_a_proper_name(tmp_path, name: str):
    assert run("cairnd", "init", tmp_path / "data", "--name", name).returncode > 0
    assert not (tmp_path / "data" / "ledger.db").exists()


def test_a_stopping_server_lets_its_watchers_go(own_server: Server):
    own_server.start()
    with own_server.client() as client:
        call = client.watch(0)
        next(call)
        assert own_server.stop() == 0
        with pytest.raises(grpc.RpcError):
            next(call)


def test_an_answer_says_how_long_the_server_took(client: Client):
    _, call = client.ledger.GetLedger.with_call(ledger_service_pb2.GetLedgerRequest())
    timing = dict(call.trailing_metadata())["server-timing"]
    assert timing.startswith("total;dur=") and float(timing.removeprefix("total;dur=")) >= 0


# Deadlines


def test_a_deadline_that_passes_on_a_stream_is_a_deadline(client: Client, health: health_pb2_grpc.HealthStub):
    """Whoever's clock is first, the server's or the client's: never a shutdown, never a peaceful end."""
    subscriptions = subscription_service_pb2_grpc.SubscriptionServiceStub(client.channel)
    subscriptions.CreateSubscription(
        subscription_service_pb2.CreateSubscriptionRequest(name="deadline"), timeout=30)
    start = subscription_service_pb2.ReceiveRequest(start=subscription_service_pb2.ReceiveStart(name="deadline"))
    over = threading.Event()

    def sent(*messages: object) -> Iterator[object]:
        yield from messages
        over.wait(30)

    size = client.info().log_size
    streams = {
        "WatchLog": lambda timeout: client.ledger.WatchLog(
            ledger_service_pb2.WatchLogRequest(from_position=size), timeout=timeout),
        "SubmitStream": lambda timeout: client.ledger.SubmitStream(sent(), timeout=timeout),
        "Receive": lambda timeout: subscriptions.Receive(sent(start), timeout=timeout),
        "health Watch": lambda timeout: health.Watch(health_pb2.HealthCheckRequest(service=""), timeout=timeout),
    }

    def end(name: str, number: int) -> tuple[str, grpc.StatusCode, str]:
        call = streams[name](0.2 + number * 0.0137)
        try:
            for _ in call:
                pass
        except grpc.RpcError:
            pass
        return name, call.code(), call.details()

    with ThreadPoolExecutor(8) as pool:
        # One call receives at a time: the subscription's come one after the other.
        names = [(name, number) for name in streams if name != "Receive" for number in range(30)]
        ended = list(pool.map(lambda which: end(*which), names)) + [end("Receive", number) for number in range(15)]
    over.set()
    assert [which for which in ended if which[1] != grpc.StatusCode.DEADLINE_EXCEEDED] == []
