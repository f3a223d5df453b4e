import Primitives
import EPCIS
package import Provenance
package import Wire

/// What an event says, in words for people. Texts come out as they were written and may hold anything.
package struct EventWords: Sendable {
  /// A label and what it labels.
  package typealias Line = (label: String, text: String)

  private static let listed = 3
  private static let sensorReports = 4

  private let event: Cairn_V1_Event
  private let about: String?
  private let names: SubjectNames

  /// The words of `event`; of its lists, the item whose canonical form is `about` comes first. Places, parties and classes
  /// have the names that are known, beside their codes.
  package init(_ event: Cairn_V1_Event, about: String? = nil, names: SubjectNames = .none) {
    self.event = event
    self.about = about
    self.names = names
  }

  /// Its own local time with its offset from UTC, for example `2026-03-01 09:30:00 +02:00`.
  package var time: String {
    let instant = Instant(microseconds: event.eventTime.microseconds)
    let offset = Int(max(-840, min(840, event.eventTime.offsetMinutes)))
    let local = instant.microseconds.addingReportingOverflow(Int64(offset) * 60_000_000)
    guard !local.overflow, Instant(microseconds: local.partialValue).isWithinCalendar else { return "\(instant)" }
    let text = RFC3339.text(Instant(microseconds: local.partialValue)).dropLast()
    return text.replacing("T", with: " ") + " " + RFC3339.offsetText(offset)
  }

  /// For example `object event, ADD`.
  package var kind: String {
    let action = Self.action(event.action)
    return Self.type(event.type) + " event" + (action.isEmpty ? "" : ", \(action)")
  }

  /// The business step in short; empty where there is none.
  package var bizStep: String { Self.word(event.bizStep, of: .bizStep) }

  /// The business step for a table, marked where the event declares an error.
  package var step: String {
    guard declaresError else { return bizStep }
    return bizStep.isEmpty ? "error declared" : "error in \(bizStep)"
  }

  /// The disposition in short; empty where there is none.
  package var disposition: String { Self.word(event.disposition, of: .disposition) }

  /// Whether it withdraws another event, whose words it repeats.
  package var declaresError: Bool { event.hasErrorDeclaration }

  /// For example `shipping → in_transit`; the kind of event where it has no business step.
  package var headline: String {
    let step = bizStep.isEmpty ? kind : bizStep
    return (declaresError ? "error declared: " : "") + (disposition.isEmpty ? step : "\(step) → \(disposition)")
  }

  /// Where, with what, for whom, and what was measured.
  package var lines: [Line] {
    var lines: [Line] = []
    func add(_ label: String, _ text: String) { if !text.isEmpty { lines.append((label, text)) } }
    add("read at", names.words(for: event.readPoint.id))
    add("location", names.words(for: event.bizLocation.id))
    add("parent", event.parentID)
    add("items", items(event.epcList, event.quantityList))
    add("children", items(event.childEpcs, event.childQuantityList))
    add("inputs", items(event.inputEpcList, event.inputQuantityList))
    add("outputs", items(event.outputEpcList, event.outputQuantityList))
    for source in event.sourceList.sources.prefix(Self.listed) { add("from", party(source.type, source.source)) }
    for end in event.destinationList.destinations.prefix(Self.listed) {
      add("to", party(end.type, end.destination))
    }
    for paper in event.bizTransactionList.bizTransactions.prefix(Self.listed) {
      add("document", [Self.word(paper.type, of: .bizTransactionType), paper.bizTransaction].joinedWords)
    }
    add("now holds", event.persistentDisposition.set.values.map { Self.word($0, of: .disposition) }.listed())
    add("no longer", event.persistentDisposition.unset.values.map { Self.word($0, of: .disposition) }.listed())
    add("sensor", sensors)
    if declaresError { add("declares", declaration) }
    return lines
  }

  /// The first place it names, read point or business location: its name, or its code where that is not known.
  package var place: String {
    let place = event.readPoint.id.isEmpty ? event.bizLocation.id : event.readPoint.id
    return names.name(of: place) ?? place
  }

  /// The first thing it names, and how many more there are.
  package var subject: String {
    let lists = [event.epcList, event.childEpcs, event.inputEpcList, event.outputEpcList].flatMap(\.items)
    let classes = [
      event.quantityList, event.childQuantityList, event.inputQuantityList, event.outputQuantityList,
    ].flatMap(\.quantities).map(\.epcClass)
    let all = (event.parentID.isEmpty ? [] : [event.parentID]) + lists + classes
    return all.listed(1)
  }

  private var declaration: String {
    let declared = event.errorDeclaration
    let reason = Self.word(declared.reason, of: .errorReason)
    let error = "an error: " + [declared.declarationTime, reason].filter { !$0.isEmpty }.joined(separator: ", ")
    let corrections = declared.correctiveEventIds.values.listed(Self.listed)
    return corrections.isEmpty ? error : "\(error); corrected by \(corrections)"
  }

  private var sensors: String {
    let reports = event.sensorElementList.elements.flatMap(\.reports)
    return reports.prefix(Self.sensorReports).map(Self.reading).joined(separator: " · ")
      + (reports.count > Self.sensorReports ? " and \(reports.count - Self.sensorReports) more" : "")
  }

  private static func reading(_ report: Cairn_V1_SensorReport) -> String {
    let name = report.type.isEmpty ? report.exception : report.type
    let short = name.split(separator: ":").last.map(String.init) ?? name
    var values: [String] = [report.value]
    if report.hasStringValue { values.append(report.stringValue.value) }
    if report.hasBooleanValue { values.append(report.booleanValue.value ? "yes" : "no") }
    if !report.minValue.isEmpty || !report.maxValue.isEmpty { values.append("\(report.minValue)…\(report.maxValue)") }
    if !report.meanValue.isEmpty { values.append("mean \(report.meanValue)") }
    return ([short] + values + [report.hexBinaryValue, report.uriValue, report.uom]).joinedWords
  }

  private func items(_ list: Cairn_V1_ItemList, _ quantities: Cairn_V1_QuantityList) -> String {
    var items = list.items
    if items.count > Self.listed, let wanted = items.firstIndex(where: { isAbout($0) }) {
      items.insert(items.remove(at: wanted), at: 0)
    }
    let amounts = quantities.quantities.map { quantity in
      [quantity.quantity, quantity.uom, quantity.quantity.isEmpty ? "" : "×", quantity.epcClass].joinedWords
    }
    return (items + amounts).listed(Self.listed)
  }

  private func isAbout(_ item: String) -> Bool {
    guard let about else { return false }
    return item == about || (try? Identifier(item))?.canonical == about
  }

  private func party(_ type: String, _ party: String) -> String {
    let role = type.isEmpty ? "" : "(\(Self.word(type, of: .sourceDestinationType)))"
    return [names.words(for: party), role].joinedWords
  }

  /// A standard value as its bare word, anything else as it was written.
  package static func word(_ text: String, of vocabulary: Vocabulary) -> String {
    guard let canonical = try? Vocabulary.canonical(text, of: vocabulary),
      canonical.hasPrefix("https://ref.gs1.org/cbv/"), let dash = canonical.lastIndex(of: "-")
    else { return text }
    return String(canonical[canonical.index(after: dash)...])
  }

  /// For example `aggregation`.
  package static func type(_ type: Cairn_V1_EventType) -> String {
    switch type {
    case .object: "object"
    case .aggregation: "aggregation"
    case .transaction: "transaction"
    case .transformation: "transformation"
    case .association: "association"
    case .unspecified, .UNRECOGNIZED: "unknown"
    }
  }

  /// ADD, OBSERVE or DELETE; empty where there is none.
  package static func action(_ action: Cairn_V1_Action) -> String {
    switch action {
    case .add: "ADD"
    case .observe: "OBSERVE"
    case .delete: "DELETE"
    case .unspecified, .UNRECOGNIZED: ""
    }
  }
}

extension [String] {
  fileprivate var joinedWords: String { filter { !$0.isEmpty }.joined(separator: " ") }

  fileprivate func listed(_ limit: Int = 8) -> String {
    prefix(limit).joined(separator: ", ") + (count > limit ? " and \((count - limit).grouped) more" : "")
  }
}
