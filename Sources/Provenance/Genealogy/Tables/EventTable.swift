import Primitives
import SwiftProtobuf
import Wire

/// The events that were read so far, each once, by numbers of their own.
struct EventTable {
  private(set) var entries: [Entry] = []
  private var numbers: [EventPlace: Int] = [:]
  /// The declaration that withdrew an event; the first one where there are several.
  private(set) var declarations: [Int: Int] = [:]
  private var contents: [Int: [UInt8]] = [:]
  private let asOf: Instant
  private let knownAt: Instant

  struct Entry {
    let placed: PlacedEvent
    let time: Int64
    var standing: TraceEvent.Standing

    var traced: TraceEvent { TraceEvent(place: placed.place, time: placed.event.eventTime, standing: standing) }
  }

  init(asOf: Instant?, knownAt: Instant?) {
    self.asOf = asOf ?? .latest
    self.knownAt = knownAt ?? Instant(microseconds: .max)
  }

  /// Takes a source's events, as far as they are asked for, and returns their numbers; new ones are at the end.
  mutating func add(_ events: [PlacedEvent]) -> [Int] {
    var list: [Int] = []
    list.reserveCapacity(events.count)
    var hasDeclarations = false
    for placed in events where placed.event.eventTime <= asOf && placed.ledgerTime <= knownAt {
      let number = numbers[placed.place] ?? append(placed)
      list.append(number)
      if entries[number].standing == .declaration { hasDeclarations = true }
    }
    if hasDeclarations { withdraw(list) }
    return list
  }

  private mutating func append(_ placed: PlacedEvent) -> Int {
    let number = entries.count
    entries.append(
      Entry(
        placed: placed, time: placed.event.eventTime.microseconds,
        standing: placed.event.event.hasErrorDeclaration ? .declaration : .effective))
    numbers[placed.place] = number
    return number
  }

  /// Lets the declarations of a list withdraw what they repeat, wherever both stand in the log.
  private mutating func withdraw(_ list: [Int]) {
    var declaring: [EventClaim: [Int]] = [:]
    var eventIDs: Set<String> = []
    for number in list where entries[number].standing == .declaration {
      guard let claim = EventClaim(entries[number].placed) else { continue }
      declaring[claim, default: []].append(number)
      eventIDs.insert(claim.eventID)
    }
    let first = declaring.mapValues { ordered($0)[0] }
    for number in list where entries[number].standing == .effective {
      guard eventIDs.contains(entries[number].placed.event.event.eventID),
        let claim = EventClaim(entries[number].placed), let declaration = first[claim]
      else { continue }
      entries[number].standing = .withdrawn
      declarations[number] = declaration
    }
  }
}

/// What an event and the declaration of its error have in common.
private struct EventClaim: Hashable {
  let eventID: String
  private let member: MemberID
  private let type: Cairn_V1_EventType
  private let items: Set<MentionedItem>
  private let transformationID: String
  private let transactions: Cairn_V1_BizTransactionList?

  /// Nil where nobody can declare an error: without an event id, or without a member.
  init?(_ placed: PlacedEvent) {
    let event = placed.event.event
    guard let member = placed.member, !event.eventID.isEmpty else { return nil }
    self.member = member
    eventID = event.eventID
    type = event.type
    items = Set(placed.event.items)
    transformationID = event.transformationID
    transactions = event.type == .transaction ? event.bizTransactionList : nil
  }
}

extension EventTable {
  /// Puts events in the order of their times. At the same instant what ends comes first, then what begins, then what was
  /// seen, then declarations of errors; then event ids and contents decide, and only between equal contents of one member the
  /// place.
  mutating func ordered(_ list: [Int]) -> [Int] {
    guard list.count > 1 else { return list }
    var sorted = list.sorted { key($0) < key($1) }
    var start = 0
    while start < sorted.count {
      let end = sorted[start...].firstIndex { key($0) != key(sorted[start]) } ?? sorted.count
      if end - start > 1 { sortByContents(&sorted[start..<end]) }
      start = end
    }
    return sorted
  }

  private func key(_ number: Int) -> (Int64, Int) {
    let rank =
      switch entries[number].placed.event.event.action {
      case _ where entries[number].standing == .declaration: 3
      case .delete: 0
      case .observe: 2
      case .add, .unspecified, .UNRECOGNIZED: 1
      }
    return (entries[number].time, rank)
  }

  private mutating func sortByContents(_ slice: inout ArraySlice<Int>) {
    for number in slice where contents[number] == nil {
      // Bytes of a message without maps are the same wherever they are made; what cannot be written has none.
      contents[number] = (try? entries[number].placed.event.event.serializedBytes()) ?? []
    }
    slice.sort { left, right in
      let first = entries[left].placed
      let second = entries[right].placed
      if first.event.event.eventID != second.event.event.eventID {
        return first.event.event.eventID < second.event.event.eventID
      }
      let bytes = contents[left] ?? []
      let others = contents[right] ?? []
      if bytes != others { return bytes.lexicographicallyPrecedes(others) }
      let member = first.member?.description ?? ""
      let other = second.member?.description ?? ""
      return member == other ? first.place < second.place : member < other
    }
  }
}
