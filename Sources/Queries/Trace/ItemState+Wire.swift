import Ledger
import Primitives
import Provenance
import SwiftProtobuf
import Wire

extension ItemState {
  /// The state as answers show it.
  func wire(_ events: inout TraceEvents, logSize: UInt64) async throws -> Cairn_V1_GetItemResponse {
    var wire = Cairn_V1_GetItemResponse.with {
      $0.item = item
      $0.kind = kind.wire
      $0.parentCount = UInt32(clamping: parents.count)
      $0.childCount = UInt32(clamping: children.count)
      $0.transactionCount = UInt32(clamping: transactions.count)
      $0.lastMemberID = lastMember?.description ?? ""
      $0.quantities = quantities.map(\.wire)
      $0.eventCount = UInt32(clamping: self.events.count)
      $0.forbiddenEvents = hidesEvents
      $0.cutOff = isCutOff
      $0.logSize = logSize
    }
    wire.parents = try await links(parents, &events)
    wire.children = try await links(children, &events)
    wire.transactions = try await links(transactions, &events)
    try await addValues(to: &wire, &events)
    try await addEvents(to: &wire, &events)
    return wire
  }

  private func addValues(to wire: inout Cairn_V1_GetItemResponse, _ events: inout TraceEvents) async throws {
    if let place {
      wire.place = .with {
        $0.id = place.id
        $0.isReadPoint = place.isReadPoint
      }
      wire.place.event = try await events.reference(place.event)
    }
    if let disposition { wire.disposition = try await disposition.wire(&events) }
    for value in persistentDispositions { wire.persistentDispositions.append(try await value.wire(&events)) }
    if let possessor { wire.possessor = try await possessor.wire(&events) }
    if let owner { wire.owner = try await owner.wire(&events) }
  }

  private func addEvents(to wire: inout Cairn_V1_GetItemResponse, _ events: inout TraceEvents) async throws {
    if let createdBy { wire.createdBy = try await events.reference(createdBy) }
    if let endedBy { wire.endedBy = try await events.reference(endedBy) }
    for (number, told) in try await events.traced([firstEvent, lastEvent].compactMap(\.self), whole: true).enumerated()
    {
      if number == 0 { wire.firstEvent = told.event } else { wire.lastEvent = told.event }
    }
  }

  private func links(
    _ links: [StatedLink], _ events: inout TraceEvents
  ) async throws -> [Cairn_V1_StatedLink] {
    var told: [Cairn_V1_StatedLink] = []
    for link in links.prefix(Queries.maxStatedLinks) {
      let since = try await events.reference(link.since)
      told.append(
        .with {
          $0.kind = link.kind.wire
          $0.id = link.id
          $0.quantities = link.quantities.map(\.wire)
          $0.since = since
        })
    }
    return told
  }
}

extension StatedValue {
  fileprivate func wire(_ events: inout TraceEvents) async throws -> Cairn_V1_StatedValue {
    let reference = try await events.reference(event)
    return .with {
      $0.value = value
      $0.event = reference
    }
  }
}
