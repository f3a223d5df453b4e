"""Makes requests and events that nobody in their right mind would send, from a seed."""

import random
from typing import Callable, Sequence

from cairn.v1 import provenance_pb2 as pb
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from events import event, lgtin_urn, sgln_urn, sgtin_elements, sgtin_link, sgtin_urn

YEAR_1, YEAR_10000 = -62_135_596_800_000_000, 253_402_300_800_000_000
NUMBERS = [0, 1, -1, 7, 100, 2**31 - 1, 2**31, 2**32 - 1, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, -(2**31), -(2**63)]
TIMES = [YEAR_1 - 1, YEAR_1, YEAR_10000 - 1, YEAR_10000, 1_700_000_000_000_000]
DECIMALS = [
    "1e-9223372036854775808",
    "1e9223372036854775807",
    "1e99999999999999999999",
    "-0.0e-0",
    "9" * 5_000,
    "0." + "0" * 300 + "1",
]
NOT_NUMBERS = ["NaN", "Infinity", "-inf", "0x10", "1,5", ".5", "1.", "+1", "--1", "1e", "\u0661\u0662"]
WORDS = """
shipping urn:epcglobal:cbv:bizstep:receiving in_transit po location CEL KGM Temperature x:y did_not_occur
""".split()
PATTERNS = """
urn:epc:idpat:sgtin:9506000.013435.* urn:epc:idpat:sgtin:*.*.* urn:epc:idpat:sgtin:9506000.* urn:epc:idpat:grai:1.*.*
""".split()
DATES = """
2026-01-01T00:00:00Z 0001-01-01T00:00:00+14:00 9999-12-31T23:59:60-14:00 2026-02-30T00:00:00Z 2026-01-01
""".split()
ODD = ["", " ", "\0", "\u202eabc", "e\u0301", "\U0001f4a3" * 50, "%", "%GG", "urn:", "https://", "(01)", "(99"]
ODD += ["[[[[", "{" * 2_000, "a" * 65_536]

items = [
    sgtin_link("A"),
    sgtin_urn("B"),
    sgtin_elements("C"),
    lgtin_urn("L"),
    sgln_urn("00001"),
    "https://example.com/x",
    "urn:uuid:cycle",
]


class Fuzzer:
    """Random messages: what looks right often enough to get past the first checks, and what breaks things."""

    def __init__(self, seed: int, blobs: Sequence[bytes] = (), texts: Sequence[str] = ()):
        self.dice = random.Random(seed)
        self.blobs = [*blobs, b"", b"\0", bytes(32), b"\xff" * 32, b"\xff" * 33, b"\0" * 65_536]
        self.texts = [*texts, *items]

    def text(self) -> str:
        pool = self.dice.choice([self.texts, self.texts, WORDS, DECIMALS, NOT_NUMBERS, PATTERNS, DATES, ODD])
        text = self.dice.choice(pool)
        if self.dice.random() < 0.1 and text:
            at = self.dice.randrange(len(text))
            text = text[:at] + self.dice.choice(["", "\0", "*", "%", "\u00e9", text]) + text[at + 1 :]
        return text[:100_000]

    def number(self, low: int, high: int) -> int:
        number = self.dice.choice(NUMBERS + TIMES) if self.dice.random() < 0.6 else self.dice.randrange(20)
        return max(low, min(high, number))

    def value(self, field: FieldDescriptor, depth: int) -> object:
        unsigned = field.type in (
            FieldDescriptor.TYPE_UINT32,
            FieldDescriptor.TYPE_UINT64,
            FieldDescriptor.TYPE_FIXED64,
        )
        match field.cpp_type:
            case FieldDescriptor.CPPTYPE_STRING if field.type == FieldDescriptor.TYPE_BYTES:
                return self.dice.choice(self.blobs)
            case FieldDescriptor.CPPTYPE_STRING:
                return self.text()
            case FieldDescriptor.CPPTYPE_BOOL:
                return self.dice.random() < 0.5
            case FieldDescriptor.CPPTYPE_ENUM:
                known = [value.number for value in field.enum_type.values]
                return self.dice.choice(known * 4 + [99, -1, 2**31 - 1])
            case FieldDescriptor.CPPTYPE_MESSAGE:
                return self.message(field.message_type._concrete_class, depth + 1)
            case FieldDescriptor.CPPTYPE_INT32 | FieldDescriptor.CPPTYPE_UINT32:
                return self.number(0 if unsigned else -(2**31), 2**32 - 1 if unsigned else 2**31 - 1)
            case _:
                return self.number(0 if unsigned else -(2**63), 2**64 - 1 if unsigned else 2**63 - 1)

    def message(self, kind: Callable[[], Message], depth: int = 0) -> Message:
        message = kind()
        fields = list(message.DESCRIPTOR.fields)
        wanted = min(len(fields), self.dice.choice([1, 1, 2, 3] if depth else [0, 1, 2, 3, 4]))
        for field in self.dice.sample(list(fields), wanted):
            self.set(message, field, depth)
        return message

    def set(self, message: Message, field: FieldDescriptor, depth: int) -> None:
        if depth > 12 or (field.message_type and field.message_type.GetOptions().map_entry):
            return
        if field.is_repeated:
            for _ in range(self.dice.choice([1, 1, 1, 2, 3, 200 if depth < 3 and not field.message_type else 4])):
                element = self.value(field, depth)
                getattr(message, field.name).append(element)
        elif field.message_type:
            getattr(message, field.name).CopyFrom(self.value(field, depth))
        else:
            setattr(message, field.name, self.value(field, depth))

    def mutated(self, message: Message) -> Message:
        """The same message with one thing in it that is not as it was."""
        changed = type(message)()
        changed.CopyFrom(message)
        part, depth = changed, 0
        while True:
            inner = [each for field, each in part.ListFields() if field.message_type and not field.is_repeated]
            inner += [
                each for field, all in part.ListFields() if field.message_type and field.is_repeated for each in all
            ]
            if not inner or self.dice.random() < 0.3:
                break
            part, depth = self.dice.choice(inner), depth + 1
        if part.DESCRIPTOR.fields:
            field = self.dice.choice(list(part.DESCRIPTOR.fields))
            if self.dice.random() < 0.2:
                part.ClearField(field.name)
            else:
                self.set(part, field, depth)
        return changed

    def damaged(self, data: bytes) -> bytes:
        """Bytes that may or may not be a message."""
        data = bytearray(data or b"\x0a\x02ab")
        for _ in range(self.dice.choice([1, 1, 2, 8])):
            at = self.dice.randrange(len(data) + 1)
            match self.dice.randrange(6):
                case 0:
                    data[at:at] = self.dice.randbytes(self.dice.randrange(1, 9))
                case 1:
                    del data[at : at + self.dice.randrange(1, 9)]
                case 2:
                    data[at : at + 1] = bytes([self.dice.randrange(256)])
                case 3:
                    data[at:at] = b"\xff" * 9 + b"\x7f"
                case 4:
                    data[at:] = b"\x0b" * 20_000
                case _:
                    for _ in range(150):
                        data = bytearray(b"\x0a" + varint(len(data)) + data)
        return bytes(data)


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def hostile_events() -> list[pb.Event]:
    """Valid events that say impossible things: of each it is open whether the ledger takes it."""
    at = 1_700_000_000_000_000
    ring = [sgtin_link(f"RING{i}") for i in range(5)]
    many = [sgtin_link(f"MANY{i}") for i in range(250)]
    lot = lgtin_urn("L")

    def aggregation(
        parent: str, children: Sequence[str], when: int = at, action: int = pb.ACTION_ADD, **fields: object
    ) -> pb.Event:
        fields |= dict(type=pb.EVENT_TYPE_AGGREGATION, action=action, parent_id=parent)
        return event(None, at=when, child_epcs=pb.ItemList(items=children), **fields)

    def transformation(inputs: Sequence[str], outputs: Sequence[str], **fields: object) -> pb.Event:
        lists = dict(input_epc_list=pb.ItemList(items=inputs), output_epc_list=pb.ItemList(items=outputs))
        kind = dict(type=pb.EVENT_TYPE_TRANSFORMATION, action=None, biz_step="commissioning", disposition="active")
        return event(None, at=at, **(kind | lists | fields))

    def amount(number: str, uom: str = "KGM") -> pb.QuantityList:
        return pb.QuantityList(quantities=[pb.Quantity(epc_class=lot, quantity=number, uom=uom)])

    events = [aggregation(parent, [child]) for parent, child in zip(ring, ring[1:] + ring[:1])]
    events += [aggregation(items[0], [items[0]]), aggregation(items[0], [sgtin_elements("A")])]
    events += [
        aggregation(items[0], [items[1]]),
        aggregation(items[1], [items[0]], at + 1),
        aggregation(items[0], [], at + 2, pb.ACTION_DELETE),
    ]
    events += [
        aggregation(sgtin_link("PALLET"), many),
        aggregation(sgtin_link("PALLET"), many[::-1], at, pb.ACTION_DELETE),
    ]
    events += [transformation(ring, ring), transformation([items[0]], [items[0]], transformation_id="urn:uuid:cycle")]
    events += [transformation([items[1]], many[:200], transformation_id="urn:uuid:cycle")]
    for number in DECIMALS + NOT_NUMBERS:
        events.append(event(None, at=at, action=pb.ACTION_ADD, quantity_list=amount(number)))
        inputs = dict(input_quantity_list=amount(number), output_quantity_list=amount(number))
        events.append(
            event(None, at=at, type=pb.EVENT_TYPE_TRANSFORMATION, action=None, biz_step="commissioning", **inputs)
        )
        reading = pb.SensorReport(type="Temperature", value=number, min_value=number, uom="CEL", time=DATES[0])
        sensed = pb.SensorElementList(elements=[pb.SensorElement(reports=[reading])])
        events.append(event([items[0]], at=at, sensor_element_list=sensed))
    events += [event([items[0]], at=when) for when in TIMES + [-(2**63), 2**63 - 1, 0]]
    return events
