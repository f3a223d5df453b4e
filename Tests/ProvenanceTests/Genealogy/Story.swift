import Foundation
import Primitives
import Provenance
import SwiftProtobuf
import Testing
import Wire

/// A hand-drawn case: events in the order of the log, and questions with what a person expects as answers.
struct Story: Sendable, CustomTestStringConvertible {
  let name: String
  private(set) var events: [StoryEvent] = []
  private(set) var questions: [(text: String, answer: [String])] = []
  private(set) var limit = Int.max

  var testDescription: String { name }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures/genealogy")

  static let names: [String] = {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path())
    return (names ?? []).filter { $0.hasSuffix(".txt") }.sorted()
  }()

  init(named name: String) throws {
    self.name = name
    let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    for line in text.split(separator: "\n", omittingEmptySubsequences: true) where !line.hasPrefix("#") {
      try add(String(line))
    }
  }

  private mutating func add(_ line: String) throws {
    if line.hasPrefix(" ") {
      guard !questions.isEmpty else { throw StoryProblem(description: "\(line) answers nothing") }
      questions[questions.count - 1].answer.append(line.trimmingCharacters(in: .whitespaces))
    } else if let first = line.split(separator: " ").first, ["trace", "state", "history"].contains(first) {
      questions.append((line, []))
    } else if line.hasPrefix("limit ") {
      limit = Int(line.dropFirst(6)) ?? 0
    } else {
      events.append(try Self.event(line))
    }
  }

  /// Reads for example `B 20 pack box: a b; by acme`.
  private static func event(_ line: String) throws -> StoryEvent {
    let clauses = line.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
    let words = (clauses.first ?? "").split(separator: " ", maxSplits: 2)
    guard words.count == 3 else { throw StoryProblem(description: "'\(line)' lacks label, time and verb") }
    let time = try StoryVerbs.instant(words[1])
    let event = try StoryVerbs.event(String(words[2]), at: time)
    var story = StoryEvent(label: String(words[0]), event: event, ledgerTime: time)
    for clause in clauses.dropFirst() { try add(clause, to: &story) }
    return story
  }

  private static func add(_ clause: String, to story: inout StoryEvent) throws {
    let (word, value) = StoryVerbs.split(clause, " ")
    switch word {
    case "by": story.member = MemberID(value)
    case "hidden": story.isHidden = true
    case "known": story.ledgerTime = try StoryVerbs.instant(value)
    case "id": story.event.eventID = "event:" + value
    case "wrong": story.event.errorDeclaration.declarationTime = "2026-01-01T00:00:00Z"
    case "at": story.event.bizLocation.id = StoryVerbs.identifier(value)
    case "read": story.event.readPoint.id = StoryVerbs.identifier(value)
    case "is": story.event.disposition = value
    case "set": story.event.persistentDisposition.set.values.append(value)
    case "unset": story.event.persistentDisposition.unset.values.append(value)
    case "to":
      let (type, party) = StoryVerbs.split(value, " ")
      story.event.destinationList.destinations.append(
        .with {
          $0.type = type
          $0.destination = StoryVerbs.identifier(party)
        })
    case "from":
      let (type, party) = StoryVerbs.split(value, " ")
      story.event.sourceList.sources.append(
        .with {
          $0.type = type
          $0.source = StoryVerbs.identifier(party)
        })
    default: throw StoryProblem(description: "'\(clause)' is no clause")
    }
  }
}

extension Story {
  /// The lines of the answer to a question such as `trace back a depth 2 nodes 5 until 20 known 30`.
  func answer(to question: String) async throws -> [String] {
    var words = question.split(separator: " ").map(String.init)
    let kind = words.removeFirst()
    let direction = kind == "state" ? .both : try Self.direction(words.removeFirst())
    let item = StoryVerbs.identifier(words.removeFirst())
    var values: [String: Int] = [:]
    while words.count >= 2 {
      values[words[0]] = Int(words[1])
      words.removeFirst(2)
    }
    let asOf = try values["until"].map { try StoryVerbs.instant("\($0)") }
    let knownAt = try values["known"].map { try StoryVerbs.instant("\($0)") }
    var source = try MemorySource(events, limit: limit)
    let text = TraceText(source.labels)
    if kind == "state" {
      let state = try await ItemState.of(item, asOf: asOf, knownAt: knownAt, in: &source)
      return state.map(text.lines) ?? ["nothing"]
    }
    let asked = try TraceQuestion(
      item: item, direction: direction, maximumDepth: values["depth"] ?? 100, maximumNodes: values["nodes"] ?? 1_000,
      asOf: asOf, knownAt: knownAt)
    let trace = try await Trace.following(asked, in: &source)
    return kind == "history" ? [text.events(trace.history(of: 0), of: trace)] : text.lines(trace)
  }

  private static func direction(_ word: String) throws -> TraceQuestion.Direction {
    guard let direction = TraceQuestion.Direction(rawValue: word) else {
      throw StoryProblem(description: "'\(word)' is no direction")
    }
    return direction
  }
}
