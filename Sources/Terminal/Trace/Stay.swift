import Primitives
import Provenance
import Wire

/// Events of a thing one after the other that the same member saw at the same place.
struct Stay {
  let place: String
  let member: String
  private var first: Int64
  private var last: Int64
  private var steps: [String]
  private var count: Int
  private var handovers: [String]
  private let isWithdrawn: Bool
  private var isCompromised: Bool
  private let names: SubjectNames

  private init(_ traced: Cairn_V1_TracedEvent, _ names: SubjectNames) {
    self.names = names
    let words = EventWords(traced.recorded.event)
    place = words.place
    member = traced.recorded.memberID
    first = traced.eventTimeMicroseconds
    last = first
    steps = [words.bizStep.isEmpty ? words.kind : words.bizStep]
    count = 1
    handovers = Self.handovers(traced.recorded.event, names)
    isWithdrawn = traced.standing == .withdrawn
    isCompromised = traced.recorded.authorCompromised
  }

  /// The stays of events in order of time. Declarations of errors are left out: what they withdrew is marked.
  static func all(of events: [Cairn_V1_TracedEvent], _ names: SubjectNames = .none) -> [Stay] {
    events.reduce(into: []) { stays, event in
      guard event.standing != .declaration else { return }
      let next = Stay(event, names)
      if stays.last?.goesOn(with: next) == true {
        stays[stays.count - 1].add(next)
      } else {
        stays.append(next)
      }
    }
  }

  private func goesOn(with next: Stay) -> Bool {
    (place, member) == (next.place, next.member) && !isWithdrawn && !next.isWithdrawn
  }

  private mutating func add(_ next: Stay) {
    last = next.last
    steps += next.steps.filter { !steps.contains($0) }
    handovers += next.handovers.filter { !handovers.contains($0) }
    count += next.count
    isCompromised = isCompromised || next.isCompromised
  }

  /// How it is shown where it stands out.
  var role: Style.Role? { isCompromised ? .bad : isWithdrawn ? .warning : nil }

  /// When, where, who and what. Texts of events may hold anything.
  var text: String {
    let times = TraceTimes.range(first, last)
    var text = times
    if !place.isEmpty { text += "  \(names.label(place))" }
    text += "  \(member): \(isWithdrawn ? "withdrawn " : "")\(steps.joined(separator: ", "))"
    if count > 2 { text += " (\(count.grouped) events)" }
    for handover in handovers { text += ", \(handover)" }
    if isCompromised { text += "; others had the key" }
    return text
  }

  /// Who the thing passes to.
  private static func handovers(_ event: Cairn_V1_Event, _ names: SubjectNames) -> [String] {
    event.destinationList.destinations.compactMap { destination in
      let party = names.label(destination.destination)
      switch EventWords.word(destination.type, of: .sourceDestinationType) {
      case "possessing_party": return "into the hands of \(party)"
      case "owning_party": return "property of \(party)"
      default: return nil
      }
    }
  }
}
