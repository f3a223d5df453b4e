"""Provenance events and the spellings of their items."""

import time

from cairn.v1 import provenance_pb2 as pb

from authors import record

MINUTE = 60_000_000
PREFIX, ITEM_REFERENCE = "9506000", "013435"


def check_digit(digits: str) -> str:
    """GS1 mod 10, weights 3 and 1 from the right."""
    return str(-sum(int(d) * (1 if i % 2 else 3) for i, d in enumerate(reversed(digits))) % 10)


def gtin14() -> str:
    digits = ITEM_REFERENCE[0] + PREFIX + ITEM_REFERENCE[1:]
    return digits + check_digit(digits)


def sgtin_link(serial: str) -> str:
    return f"https://id.gs1.org/01/{gtin14()}/21/{serial}"


def sgtin_urn(serial: str) -> str:
    return f"urn:epc:id:sgtin:{PREFIX}.{ITEM_REFERENCE}.{serial}"


def sgtin_elements(serial: str) -> str:
    return f"(01){gtin14()}(21){serial}"


def bad_sgtin_link(serial: str) -> str:
    """The same GTIN with a wrong check digit."""
    good = gtin14()
    return f"https://id.gs1.org/01/{good[:-1]}{(int(good[-1]) + 1) % 10}/21/{serial}"


def lgtin_urn(lot: str) -> str:
    return f"urn:epc:class:lgtin:{PREFIX}.{ITEM_REFERENCE}.{lot}"


def lgtin_link(lot: str) -> str:
    return f"https://id.gs1.org/01/{gtin14()}/10/{lot}"


def sgln_urn(location: str, extension: str = "0") -> str:
    return f"urn:epc:id:sgln:{PREFIX}.{location}.{extension}"


def sgln_link(location: str, extension: str = "") -> str:
    digits = PREFIX + location
    return f"https://id.gs1.org/414/{digits}{check_digit(digits)}" + (f"/254/{extension}" if extension else "")


def now() -> int:
    return time.time_ns() // 1000


def event(items: list[str] | None = None, *, at: int | None = None, **fields: object) -> pb.Event:
    """An object event unless fields say otherwise; `at` is in microseconds."""
    defaults: dict[str, object] = dict(
        type=pb.EVENT_TYPE_OBJECT,
        event_time=pb.EventTime(microseconds=now() if at is None else at),
        action=pb.ACTION_OBSERVE,
        biz_step="shipping",
        disposition="in_transit",
        read_point=pb.Location(id=sgln_urn("00001")),
        biz_location=pb.Location(id=sgln_urn("00002")),
    )
    if items is not None:
        defaults["epc_list"] = pb.ItemList(items=items)
    return pb.Event(**{name: value for name, value in (defaults | fields).items() if value is not None})


def event_record(items: list[str] | None = None, **fields: object) -> bytes:
    return record(provenance=pb.ProvenanceRecord(event=event(items, **fields)))
