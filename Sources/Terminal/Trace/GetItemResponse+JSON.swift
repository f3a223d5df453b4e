package import EPCIS
import Primitives
package import Wire

extension Cairn_V1_GetItemResponse {
  /// The state as JSON; what no event says is left out.
  package var json: JSONValue {
    get throws(Failure) {
      var members: [JSONValue.Member] = [
        .init("item", .text(item)), .init("kind", .text(TraceWords.word(kind))), .init("logSize", .number(logSize)),
      ]
      if hasPlace {
        members.append(
          .init(
            "place",
            .object([
              .init("id", .text(place.id)), .init("isReadPoint", .boolean(place.isReadPoint)),
              .init("event", place.event.json),
            ])))
      }
      if hasDisposition { members.append(.init("disposition", disposition.json)) }
      members.append(.init("persistentDispositions", .array(persistentDispositions.map(\.json))))
      if hasPossessor { members.append(.init("possessor", possessor.json)) }
      if hasOwner { members.append(.init("owner", owner.json)) }
      members += linkMembers
      if !quantities.isEmpty { members.append(.init("quantities", .array(quantities.map(\.json)))) }
      if hasCreatedBy { members.append(.init("createdBy", createdBy.json)) }
      if hasEndedBy { members.append(.init("endedBy", endedBy.json)) }
      if hasFirstEvent { members.append(.init("firstEvent", try firstEvent.json)) }
      if hasLastEvent { members.append(.init("lastEvent", try lastEvent.json)) }
      members.append(.init("described", .array(described.map(\.json))))
      return .object(members)
    }
  }

  private var linkMembers: [JSONValue.Member] {
    [
      .init("lastMemberId", .text(lastMemberID)), .init("eventCount", .number(eventCount)),
      .init("forbiddenEvents", .boolean(forbiddenEvents)), .init("cutOff", .boolean(cutOff)),
      .init("parents", .array(parents.map(\.json))), .init("parentCount", .number(parentCount)),
      .init("children", .array(children.map(\.json))), .init("childCount", .number(childCount)),
      .init("transactions", .array(transactions.map(\.json))), .init("transactionCount", .number(transactionCount)),
    ]
  }
}

extension Cairn_V1_EventReference {
  fileprivate var json: JSONValue {
    .object([
      .init("recordId", .hex(recordID)), .init("position", .number(position)),
      .init("recordIndex", .number(recordIndex)),
      .init("eventTime", .text("\(Instant(microseconds: eventTimeMicroseconds))")), .init("memberId", .text(memberID)),
    ])
  }
}

extension Cairn_V1_StatedValue {
  fileprivate var json: JSONValue { .object([.init("value", .text(value)), .init("event", event.json)]) }
}

extension Cairn_V1_StatedLink {
  fileprivate var json: JSONValue {
    .object([
      .init("kind", .text(TraceWords.word(kind))), .init("id", .text(id)),
      .init("quantities", .array(quantities.map(\.json))), .init("since", since.json),
    ])
  }
}
