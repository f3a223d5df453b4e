import Primitives
import Provenance
import Testing
import SwiftProtobuf
import Wire

@Suite struct ValidatedEventTests {
  @Test(arguments: Events.all + [Events.sensor]) func whatTheStandardAllowsIsAccepted(_ event: Cairn_V1_Event) throws {
    let validated = try ValidatedEvent(event)
    #expect(validated.event == event)
    #expect(validated.eventTime == Instant(microseconds: 1_112_582_011_116_000))
    #expect(validated.bizStep == "https://ref.gs1.org/cbv/BizStep-shipping")
    #expect(validated.disposition == "https://ref.gs1.org/cbv/Disp-in_transit")
    #expect(validated.readPoint == Events.dockLink)
    #expect(validated.bizLocation == Events.hallLink)
  }

  @Test func whatIsAbsentIsNil() throws {
    var event = Events.object
    event.bizStep = ""
    event.disposition = ""
    event.clearReadPoint()
    event.clearBizLocation()
    let validated = try ValidatedEvent(event)
    #expect(validated.bizStep == nil)
    #expect(validated.disposition == nil)
    #expect(validated.readPoint == nil)
    #expect(validated.bizLocation == nil)
  }

  @Test func itemsComeWithTheirRoles() throws {
    #expect(
      try ValidatedEvent(Events.object).items == [
        MentionedItem(canonical: Events.bottleLink, role: .object),
        MentionedItem(canonical: Events.otherBottleLink, role: .object),
        MentionedItem(canonical: Events.lotLink, role: .object, isQuantity: true),
      ])
    #expect(
      try ValidatedEvent(Events.aggregation).items == [
        MentionedItem(canonical: Events.palletLink, role: .parent),
        MentionedItem(canonical: Events.bottleLink, role: .child),
        MentionedItem(canonical: Events.otherBottleLink, role: .child),
        MentionedItem(canonical: Events.lotLink, role: .child, isQuantity: true),
      ])
    #expect(
      try ValidatedEvent(Events.transaction).items == [
        MentionedItem(canonical: Events.bottleLink, role: .object),
        MentionedItem(canonical: Events.palletLink, role: .parent),
      ])
    #expect(
      try ValidatedEvent(Events.transformation).items == [
        MentionedItem(canonical: Events.bottleLink, role: .input),
        MentionedItem(canonical: Events.lotLink, role: .input, isQuantity: true),
        MentionedItem(canonical: Events.otherBottleLink, role: .output),
      ])
  }

  @Test(arguments: [2, 15, 16, 17, 40, 300]) func anItemIsMentionedOnceHoweverOftenItIsSpelled(_ count: Int) throws {
    var event = Events.object
    event.clearQuantityList()
    let serials = (0..<count).map { "S\($0)" }
    event.epcList.items =
      serials.map { "urn:epc:id:sgtin:0614141.107346.\($0)" } + serials.reversed().map { "(01)10614141073464(21)\($0)" }
    let items = try ValidatedEvent(event).items
    #expect(items.map(\.canonical) == serials.map { "https://id.gs1.org/01/10614141073464/21/\($0)" })
  }

  @Test func anItemMayBeInputAndOutput() throws {
    var event = Events.transformation
    event.outputEpcList.items = [Events.bottle]
    let roles = try ValidatedEvent(event).items.filter { $0.canonical == Events.bottleLink }.map(\.role)
    #expect(roles == [.input, .output])
  }

  @Test(arguments: Acceptance.cases) func permissiveWhereTheStandardIs(_ change: Acceptance) throws {
    var event = change.event
    change.apply(&event)
    #expect(throws: Never.self) { try ValidatedEvent(event) }
  }

  @Test(arguments: Refusal.shape + Refusal.time + Refusal.fields + Refusal.sensors + Refusal.extensions)
  func whatBreaksARuleIsRefusedWithItsReasonAndPath(_ refusal: Refusal) throws {
    var event = refusal.event
    #expect(throws: Never.self) { try ValidatedEvent(event) }
    refusal.apply(&event)
    let failure = #expect(throws: Failure.self) { try ValidatedEvent(event) }
    #expect(failure?.reason == refusal.reason, "\(failure?.message ?? "")")
    #expect(failure?.violations.first?.field == refusal.field, "\(failure?.message ?? "")")
    #expect(failure?.kind == .malformed)
  }
}

/// A change that keeps an event right.
struct Acceptance: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let event: Cairn_V1_Event
  let apply: @Sendable (inout Cairn_V1_Event) -> Void

  init(_ name: String, _ event: Cairn_V1_Event, _ apply: @escaping @Sendable (inout Cairn_V1_Event) -> Void) {
    testDescription = name
    self.event = event
    self.apply = apply
  }

  static let cases = [
    Acceptance("an empty EPC list is a list", Events.object) {
      $0.epcList.items = []
      $0.clearQuantityList()
    },
    Acceptance("sensor data alone", Events.sensor) { $0.clearEpcList() },
    Acceptance("an observed aggregation without parent", Events.aggregation) {
      $0.action = .observe
      $0.parentID = ""
    },
    Acceptance("DELETE means all children", Events.aggregation) {
      $0.action = .delete
      $0.clearChildEpcs()
      $0.clearChildQuantityList()
    },
    Acceptance("DELETE means all items", Events.transaction) {
      $0.action = .delete
      $0.clearEpcList()
    },
    Acceptance("inputs alone", Events.transformation) { $0.clearOutputEpcList() },
    Acceptance("outputs alone", Events.transformation) {
      $0.clearInputEpcList()
      $0.clearInputQuantityList()
    },
    Acceptance("no transformation id", Events.transformation) { $0.transformationID = "" },
    Acceptance("master data of new objects", Events.object) {
      $0.action = .add
      $0.ilmd.extensions = [Events.text("cbvmda:lotNumber", "A")]
    },
    Acceptance("values of one's own", Events.object) {
      $0.bizStep = "example:washing"
      $0.disposition = "https://example.com/disposition/clean"
    },
    Acceptance("numbers without texts", Events.object) {
      $0.eventTime.text = ""
      $0.eventTime.offsetText = ""
    },
    Acceptance("more digits than microseconds", Events.object) {
      $0.eventTime.text = "2005-04-04T02:33:31.116000999Z"
    },
    Acceptance("before 1970", Events.object) {
      $0.eventTime.text = "1969-12-31T23:59:59.999999Z"
      $0.eventTime.microseconds = -1
    },
    Acceptance("the first instant", Events.object) {
      $0.eventTime.text = "0001-01-01T00:00:00Z"
      $0.eventTime.microseconds = -62_135_596_800_000_000
    },
    Acceptance("the last instant", Events.object) {
      $0.eventTime.text = "9999-12-31T23:59:59.999999Z"
      $0.eventTime.microseconds = 253_402_300_799_999_999
    },
    Acceptance("a leap day", Events.object) {
      $0.eventTime.text = "2000-02-29T12:00:00+14:00"
      $0.eventTime.microseconds = 951_775_200_000_000
      $0.eventTime.offsetMinutes = 840
      $0.eventTime.offsetText = "+14:00"
    },
    Acceptance("Z as an offset", Events.object) {
      $0.eventTime.offsetText = "Z"
      $0.eventTime.offsetMinutes = 0
    },
    Acceptance("a single certificate", Events.object) {
      $0.certificationInfo.values = ["https://example.com/certificate"]
      $0.certificationInfo.scalar = true
    },
    Acceptance("a correction", Events.object) {
      $0.errorDeclaration.declarationTime = "2020-01-15T00:00:00+01:00"
      $0.errorDeclaration.reason = "incorrect_data"
      $0.errorDeclaration.correctiveEventIds.values = ["urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8"]
    },
    Acceptance("extensions 24 levels deep", Events.object) { $0.extensions = [Events.nested(24)] },
    Acceptance("a term that a context defines", Events.object) {
      $0.extensions = [Events.text("colour", "red")]
      $0.contexts = [
        .with { $0.url = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld" },
        .with { $0.terms.extensions = [Events.text("colour", "https://example.com/colour")] },
      ]
    },
  ]
}
