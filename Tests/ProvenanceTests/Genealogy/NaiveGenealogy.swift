import Primitives
import Provenance
import SwiftProtobuf
import Wire

/// The rules of a trace worked out instant by instant with sets, as slowly as it is plain. The instants are half seconds: events
/// have whole ones, what holds at an instant only must not hold between them.
struct NaiveGenealogy {
  static let instants = Array(-1...2 * RandomStory.duration)

  struct Link: Hashable {
    let child: String
    let parent: String
    let kind: TraceEdge.Kind
  }

  struct Moment: Hashable {
    let way: String
    let name: String
    let instant: Int
  }

  struct Event {
    let label: String
    let time: Int
    let event: Cairn_V1_Event
    let items: Set<String>
    let links: Set<Link>
    /// Links that hold at the instant only, whatever the action.
    let passing: Set<Link>
    /// Whose links of which kind it ends, whatever they are.
    let emptied: [String]
    let kind: TraceEdge.Kind?
  }

  let root: String
  let events: [Event]
  let listed: [Event]
  /// What joins what at each instant.
  private(set) var links: [Int: Set<Link>] = [:]
  /// Of these, what has begun and not ended.
  private(set) var open: [Int: Set<Link>] = [:]
  private(set) var life: Set<Moment> = []
  private(set) var contents: Set<Moment> = []
  /// The transformations that were gone through, and which way.
  private(set) var hubs: Set<[String]> = []
  private(set) var depths: [String: Int] = [:]
  /// From where more would be reached.
  private(set) var tooDeep: Set<String> = []

  init(_ story: [StoryEvent], _ root: String, _ direction: TraceQuestion.Direction, depth: Int) throws {
    self.root = root
    let withdrawn = Self.withdrawn(story)
    listed = try story.map(Self.event)
    events = zip(listed, story).filter { !withdrawn.contains($0.label) && !$1.event.hasErrorDeclaration }.map(\.0)
    replay()
    for way in ["back", "forward"] where direction.rawValue == way || direction == .both {
      for instant in Self.instants {
        life.insert(Moment(way: way, name: root, instant: instant))
        contents.insert(Moment(way: way, name: root, instant: instant))
      }
    }
    depths[root] = 0
    for round in 1...depth where try step(round, isLast: false) == false { return }
    _ = try step(depth + 1, isLast: true)
  }

  static func withdrawn(_ story: [StoryEvent]) -> Set<String> {
    let declarations = story.filter(\.event.hasErrorDeclaration)
    let wrong = story.filter { event in
      !event.event.hasErrorDeclaration
        && declarations.contains { declaration in
          var said = declaration.event
          said.clearErrorDeclaration()
          said.eventTime = event.event.eventTime
          return said == event.event && declaration.member == event.member
        }
    }
    return Set(wrong.map(\.label))
  }

  private static func event(_ story: StoryEvent) throws -> Event {
    let event = story.event
    let items = try ValidatedEvent(event).items
    let below = Set(items.filter { $0.role != .parent && $0.role != .output }.map(\.canonical))
    let parents = items.filter { $0.role == .parent }.map(\.canonical)
    var links: Set<Link> = []
    var passing: Set<Link> = []
    var emptied: [String] = []
    var kind: TraceEdge.Kind?
    switch event.type {
    case .aggregation, .association:
      kind = event.type == .aggregation ? .contained : .associated
      for child in below {
        for parent in parents { links.insert(Link(child: child, parent: parent, kind: kind ?? .contained)) }
      }
      if below.isEmpty, event.action == .delete { emptied = parents }
    case .transaction:
      kind = .transacted
      let orders = event.bizTransactionList.bizTransactions.map(\.bizTransaction)
      for child in below.union(parents) {
        for order in orders { links.insert(Link(child: child, parent: order, kind: .transacted)) }
      }
      for child in below {
        for parent in parents { passing.insert(Link(child: child, parent: parent, kind: .transacted)) }
      }
      if below.isEmpty, parents.isEmpty, event.action == .delete { emptied = orders }
    default: break
    }
    return Event(
      label: story.label, time: Int(event.eventTime.microseconds / 500_000), event: event,
      items: Set(items.map(\.canonical)), links: links.filter { $0.child != $0.parent },
      passing: passing.filter { $0.child != $0.parent }, emptied: emptied, kind: kind)
  }

  private mutating func replay() {
    var open: Set<Link> = []
    for instant in Self.instants {
      let now = events.filter { $0.time == instant }
      let before = open
      var passing = now.reduce(into: Set()) { $0.formUnion($1.passing) }
      for event in now where event.event.action == .delete {
        open = open.filter { !event.emptied.contains($0.parent) || $0.kind != event.kind }
        open.subtract(event.links)
        passing.formUnion(event.links.subtracting(before))
      }
      for event in now where event.event.action == .add { open.formUnion(event.links) }
      for event in now where event.event.action == .observe { passing.formUnion(event.links) }
      links[instant] = open.union(passing)
      self.open[instant] = open
    }
  }
}

extension NaiveGenealogy {
  func isFollowed(_ name: String) -> Bool { name == root || RandomStory.items.contains(name) }

  func matters(_ name: String, _ instant: Int) -> Bool {
    ["back", "forward"].contains { life.contains(Moment(way: $0, name: name, instant: instant)) }
  }

  func isHeld(_ name: String, _ instant: Int) -> Bool {
    ["back", "forward"].contains { contents.contains(Moment(way: $0, name: name, instant: instant)) }
  }

  /// The name of the transformation that an event is part of.
  static func hub(_ event: Event) -> String {
    event.event.transformationID.isEmpty ? event.label : event.event.transformationID
  }

  /// One level on; whether anything changed.
  private mutating func step(_ depth: Int, isLast: Bool) throws -> Bool {
    var newLife = life
    var newContents = contents
    var newHubs = hubs
    var origins: Set<String> = []
    for moment in life where isFollowed(moment.name) {
      for event in events where event.event.type == .transformation && event.time == moment.instant {
        let near = moment.way == "back" ? event.event.outputEpcList : event.event.inputEpcList
        guard near.items.contains(moment.name), !hubs.contains([Self.hub(event), moment.way]) else { continue }
        newHubs.insert([Self.hub(event), moment.way])
        origins.insert(moment.name)
      }
      for link in links[moment.instant] ?? [] where link.child == moment.name {
        let reached = Moment(way: moment.way, name: link.parent, instant: moment.instant)
        if !life.contains(reached) { origins.insert(moment.name) }
        newLife.insert(reached)
      }
    }
    for moment in contents where isFollowed(moment.name) {
      for link in links[moment.instant] ?? [] where link.parent == moment.name {
        let held = Moment(way: moment.way, name: link.child, instant: moment.instant)
        if !contents.contains(held) { origins.insert(moment.name) }
        newContents.insert(held)
        for reached in span(moment.way, link.child, moment.instant) {
          if !life.contains(reached) { origins.insert(moment.name) }
          newLife.insert(reached)
        }
      }
    }
    if isLast {
      tooDeep = origins
      return false
    }
    for hub in newHubs.subtracting(hubs) {
      for event in events where event.event.type == .transformation && Self.hub(event) == hub[0] {
        for name in (hub[1] == "back" ? event.event.inputEpcList : event.event.outputEpcList).items {
          newLife.formUnion(span(hub[1], name, event.time))
          newContents.insert(Moment(way: hub[1], name: name, instant: event.time))
        }
      }
    }
    for moment in newLife where depths[moment.name] == nil { depths[moment.name] = depth }
    let changed = newLife != life || newContents != contents || newHubs != hubs
    (life, contents, hubs) = (newLife, newContents, newHubs)
    return changed
  }

  /// Back up to an instant, forward from it on.
  private func span(_ way: String, _ name: String, _ instant: Int) -> [Moment] {
    let instants = Self.instants.filter { way == "back" ? $0 <= instant : $0 >= instant }
    return instants.map { Moment(way: way, name: name, instant: $0) }
  }
}

extension NaiveGenealogy {
  /// Of several events that empty the same thing at once, only one is taken for the end.
  var doubleEndings: Set<String> {
    let endings = events.filter { !$0.emptied.isEmpty }
    return Set(
      endings.filter { ending in
        endings.contains { $0.label != ending.label && $0.time == ending.time && $0.kind == ending.kind }
      }.map(\.label))
  }

  /// What happened to a thing and to what it was in at the time: the labels, all events that name them included.
  func history(of name: String) -> Set<String> {
    var history = Set(listed.filter { $0.items.contains(name) }.map(\.label))
    for instant in Self.instants {
      var inside: Set<String> = [name]
      while true {
        let more = (links[instant] ?? []).filter {
          inside.contains($0.child) && $0.kind != .transacted && RandomStory.items.contains($0.parent)
        }.map(\.parent)
        guard !inside.isSuperset(of: more) else { break }
        inside.formUnion(more)
      }
      for event in listed where event.time == instant && !inside.isDisjoint(with: event.items) {
        history.insert(event.label)
      }
      for event in events where event.time == instant {
        let emptied = (open[instant - 1] ?? []).contains {
          inside.contains($0.child) && event.emptied.contains($0.parent) && $0.kind == event.kind
            && $0.kind != .transacted
        }
        if emptied { history.insert(event.label) }
      }
    }
    return history
  }
}
