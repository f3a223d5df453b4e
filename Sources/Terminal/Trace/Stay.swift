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
  private let standing: Cairn_V1_EventStanding
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
    standing = traced.standing
    isCompromised = traced.recorded.authorCompromised
  }

  /// The stays of events in order of time. Declarations of errors are left out where what they withdrew is among `withdrawn`:
  /// that is marked.
  static func all(
    of events: [Cairn_V1_TracedEvent], besides withdrawn: Set<Claim>, _ names: SubjectNames
  ) -> [Stay] {
    events.reduce(into: []) { stays, event in
      if event.standing == .declaration, withdrawn.contains(Claim(event)) { return }
      let next = Stay(event, names)
      if stays.last?.goesOn(with: next) == true {
        stays[stays.count - 1].add(next)
      } else {
        stays.append(next)
      }
    }
  }

  private func goesOn(with next: Stay) -> Bool {
    (place, member) == (next.place, next.member) && isEffective && next.isEffective
  }

  private mutating func add(_ next: Stay) {
    last = next.last
    steps += next.steps.filter { !steps.contains($0) }
    handovers += next.handovers.filter { !handovers.contains($0) }
    count += next.count
    isCompromised = isCompromised || next.isCompromised
  }

  /// How it is shown where it stands out.
  var role: Style.Role? { isCompromised ? .bad : isEffective ? nil : .warning }

  private var isEffective: Bool { standing != .withdrawn && standing != .declaration }

  private var mark: String {
    switch standing {
    case .withdrawn: "withdrawn "
    case .declaration: "declares an error in "
    case .effective, .unspecified, .UNRECOGNIZED: ""
    }
  }

  /// When, where, who and what. Texts of events may hold anything.
  var text: String {
    let times = TraceTimes.range(first, last)
    var text = times
    if !place.isEmpty { text += "  \(names.label(place))" }
    text += "  \(member): \(mark)\(steps.joined(separator: ", "))"
    if standing == .declaration { text += ", which is not here" }
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

extension Stay {
  /// What an event has in common with the declaration of its error.
  struct Claim: Hashable {
    private let member: String
    private let eventID: String

    init(_ traced: Cairn_V1_TracedEvent) {
      member = traced.recorded.memberID
      eventID = traced.recorded.event.eventID
    }
  }
}
