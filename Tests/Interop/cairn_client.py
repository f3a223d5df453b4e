"""A small client of a Cairn server: stock grpcio and stubs generated from proto/."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable, Iterator

import grpc
from cairn.v1 import audit_service_pb2, audit_service_pb2_grpc, ledger_pb2, ledger_service_pb2
from cairn.v1 import ledger_service_pb2_grpc, provenance_service_pb2, provenance_service_pb2_grpc
from cairn.v1 import consortium_pb2, consortium_service_pb2_grpc, event_filter_pb2, recorded_event_pb2
from google.rpc import error_details_pb2
from grpc_status import rpc_status

import merkle
from authors import Author, Ed25519Signer, Signer, register_key, revoke_key
from identity import Bearer, BearerInterceptor, ClientCertificate
from notes import Checkpoint, Policy

TIMEOUT = 30.0


@dataclass(frozen=True)
class Refusal:
    """A failed call, with what grpc-status-details-bin says."""

    code: grpc.StatusCode
    message: str
    reason: str = ""
    domain: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    violations: dict[str, str] = field(default_factory=dict)
    retry_after: float | None = None

    @classmethod
    def of(cls, error: grpc.RpcError) -> "Refusal":
        reason, domain, metadata, violations, retry_after = "", "", {}, {}, None
        status = rpc_status.from_call(error)
        for detail in status.details if status else ():
            info, bad, retry = (
                error_details_pb2.ErrorInfo(),
                error_details_pb2.BadRequest(),
                error_details_pb2.RetryInfo(),
            )
            if detail.Unpack(info):
                reason, domain, metadata = info.reason, info.domain, dict(info.metadata)
            elif detail.Unpack(bad):
                violations = {v.field: v.description for v in bad.field_violations}
            elif detail.Unpack(retry):
                retry_after = retry.retry_delay.ToTimedelta().total_seconds()
        return cls(error.code(), error.details(), reason, domain, metadata, violations, retry_after)


class Refused:
    """Holds the refusal once the block it guards has ended."""

    refusal: Refusal


@contextmanager
def refused(*reasons: str) -> Iterator[Refused]:
    """Expects the call inside to be refused for one of the reasons (any well-formed one if none is given)."""
    caught = Refused()
    try:
        yield caught
    except grpc.RpcError as error:
        caught.refusal = Refusal.of(error)
    else:
        raise AssertionError(f"not refused; expected {' or '.join(reasons) or 'a refusal'}")
    check_refusal(caught.refusal)
    assert not reasons or caught.refusal.reason in reasons, caught.refusal


def check_refusal(refusal: Refusal) -> None:
    """What every refusal must have: an honest code, a stable word, a sentence."""
    assert refusal.code not in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL), refusal
    assert refusal.reason and refusal.reason.replace("_", "").isalnum() and refusal.reason.isupper(), refusal
    assert refusal.domain, refusal
    assert len(refusal.message) > 10, refusal


class Client:
    """One channel to one server, in somebody's name or nobody's."""

    def __init__(
        self, address: str, certificate: bytes | None, identity: ClientCertificate | Bearer | None = None
    ):
        options = [
            ("grpc.max_receive_message_length", 64 << 20),
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1_000),
        ]
        if certificate is None:
            self.channel = grpc.insecure_channel(address, options)
        elif isinstance(identity, ClientCertificate):
            credentials = grpc.ssl_channel_credentials(certificate, identity.key, identity.chain)
            self.channel = grpc.secure_channel(address, credentials, options)
        else:
            self.channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(certificate), options)
        if isinstance(identity, Bearer):
            self.channel = grpc.intercept_channel(self.channel, BearerInterceptor(identity))
        self.ledger = ledger_service_pb2_grpc.LedgerServiceStub(self.channel)
        self.provenance = provenance_service_pb2_grpc.ProvenanceServiceStub(self.channel)
        self.audit = audit_service_pb2_grpc.AuditServiceStub(self.channel)
        self.consortium = consortium_service_pb2_grpc.ConsortiumServiceStub(self.channel)

    def close(self) -> None:
        self.channel.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Writing

    def info(self) -> ledger_service_pb2.GetLedgerResponse:
        return self.ledger.GetLedger(ledger_service_pb2.GetLedgerRequest(), timeout=TIMEOUT)

    def submit(self, batch: ledger_pb2.Batch, wait_for: int = ledger_pb2.FINALITY_UNSPECIFIED) -> ledger_pb2.Receipt:
        request = ledger_service_pb2.SubmitRequest(batch=batch, wait_for=wait_for)
        return self.ledger.Submit(request, timeout=TIMEOUT).receipt

    def record(self, author: Author, records: list[bytes], **overrides: object) -> ledger_pb2.Receipt:
        """Submits the author's next batch and moves the author on."""
        batch = author.batch(records, **overrides)
        receipt = self.submit(batch)
        author.advance(batch)
        return receipt

    def stream(
        self, batches: Iterable[ledger_pb2.Batch], timeout: float = TIMEOUT
    ) -> Iterator[ledger_service_pb2.SubmitStreamResponse]:
        requests = (ledger_service_pb2.SubmitStreamRequest(batch=batch) for batch in batches)
        return self.ledger.SubmitStream(requests, timeout=timeout)

    def receipt(self, **batch: object) -> ledger_pb2.Receipt:
        return self.ledger.GetReceipt(ledger_service_pb2.GetReceiptRequest(**batch), timeout=TIMEOUT).receipt

    def author(self, key_id: bytes) -> ledger_service_pb2.GetAuthorResponse:
        return self.ledger.GetAuthor(ledger_service_pb2.GetAuthorRequest(key_id=key_id), timeout=TIMEOUT)

    # Reading

    def watch(self, from_position: int = 0, timeout: float = TIMEOUT, **fields: object) -> "Watch":
        request = ledger_service_pb2.WatchLogRequest(from_position=from_position, **fields)
        return Watch(self.ledger.WatchLog(request, timeout=timeout))

    def entries(self) -> list[bytes]:
        """The whole log as it is now."""
        return [item.entry for item in self.watch(entries_only=True, stop_at_end=True)]

    def query_pages(
        self, page_size: int = 0, **conditions: object
    ) -> Iterator[provenance_service_pb2.QueryEventsResponse]:
        request = provenance_service_pb2.QueryEventsRequest(
            filter=event_filter_pb2.EventFilter(**conditions), page_size=page_size, include_event_hashes=True
        )
        while True:
            page = self.provenance.QueryEvents(request, timeout=TIMEOUT)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def query(self, page_size: int = 0, **conditions: object) -> list[recorded_event_pb2.RecordedEvent]:
        return [event for page in self.query_pages(page_size, **conditions) for event in page.events]

    def history(self, item: str, **fields: object) -> provenance_service_pb2.ListItemHistoryResponse:
        request = provenance_service_pb2.ListItemHistoryRequest(item=item, **fields)
        return self.provenance.ListItemHistory(request, timeout=TIMEOUT)

    # Auditing

    def checkpoint(self, policy: Policy, size: int = 0) -> Checkpoint:
        """The latest checkpoint or that of a size, verified under the policy."""
        request = audit_service_pb2.GetCheckpointRequest(size=size)
        response = self.audit.GetCheckpoint(request, timeout=TIMEOUT)
        checkpoint = policy.verify(response.checkpoint)
        assert (checkpoint.size, checkpoint.root) == (response.size, response.root)
        return checkpoint

    def inclusion(self, **fields: object) -> audit_service_pb2.GetInclusionProofResponse:
        return self.audit.GetInclusionProof(audit_service_pb2.GetInclusionProofRequest(**fields), timeout=TIMEOUT)

    def consistency(self, first: int, second: int) -> list[bytes]:
        request = audit_service_pb2.GetConsistencyProofRequest(first_size=first, second_size=second)
        return list(self.audit.GetConsistencyProof(request, timeout=TIMEOUT).path)

    def verify_growth(self, earlier: Checkpoint, later: Checkpoint) -> None:
        """Shows that the later checkpoint's log begins with the earlier one's."""
        path = self.consistency(earlier.size, later.size)
        merkle.verify_consistency(earlier.size, later.size, path, earlier.root, later.root)

    def evidence(self, **fields: object) -> bytes:
        """Serialized, as it would be kept in a file."""
        request = audit_service_pb2.GetEvidenceRequest(**fields)
        return self.audit.GetEvidence(request, timeout=TIMEOUT).evidence.SerializeToString()

    def equivocations(self, key_id: bytes) -> list[audit_service_pb2.Equivocation]:
        request = audit_service_pb2.ListEquivocationsRequest(key_id=key_id)
        return list(self.audit.ListEquivocations(request, timeout=TIMEOUT).equivocations)


class Watch:
    """A WatchLog call whose entries are whole: the parts of a long one are put together."""

    def __init__(self, call: grpc.Call):
        self.call = call

    def __iter__(self) -> "Watch":
        return self

    def __next__(self) -> ledger_service_pb2.WatchLogResponse:
        item = next(self.call)
        while item.more:
            part = next(self.call)
            assert (part.position, part.entry) == (item.position, item.entry)
            item.records.extend(part.records)
            item.more = part.more
        return item

    def cancel(self) -> None:
        self.call.cancel()


class Registrar:
    """Registers and revokes keys with the ledger's first admin key, from anywhere in its chain."""

    def __init__(self, client: Client, admin_key: Path):
        self.client = client
        self.ledger_id = client.info().ledger_id
        self.author = Author(Ed25519Signer.load(admin_key), self.ledger_id)
        known = client.author(self.author.key_id)
        self.author.sequence, self.author.previous = known.next_sequence, known.last_header_digest
        self.lock = threading.Lock()

    def register(
        self, signer: Signer, member: str = "acme", role: int = consortium_pb2.ROLE_DEVICE, **fields: object
    ) -> Author:
        with self.lock:
            self.client.record(self.author, [register_key(signer, member, role, **fields)])
        return Author(signer, self.ledger_id)

    def revoke(self, author: Author) -> ledger_pb2.Receipt:
        with self.lock:
            return self.client.record(self.author, [revoke_key(author.key_id)])
