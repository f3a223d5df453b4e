import Foundation
import Primitives
import Provenance
import SwiftProtobuf
import Wire

/// A line of a hand-drawn case that cannot be read.
struct StoryProblem: Error, CustomStringConvertible {
  let description: String
}

/// How the hand-drawn cases write events and names; fixtures/genealogy/README.md has the words.
enum StoryVerbs {
  /// Words are items, @words places, po:words business transactions.
  static func identifier(_ word: String) -> String {
    if word.hasPrefix("@") { return "https://id.gs1.org/414/0614141008889/254/\(word.dropFirst())" }
    return word.contains(":") ? word : "item:\(word)"
  }

  static func word(_ identifier: String) -> String {
    let place = "https://id.gs1.org/414/0614141008889/254/"
    if identifier.hasPrefix(place) { return "@" + identifier.dropFirst(place.count) }
    return identifier.hasPrefix("item:") ? String(identifier.dropFirst(5)) : identifier
  }

  static func instant(_ text: some StringProtocol) throws -> Instant {
    guard let seconds = Int64(text) else { throw StoryProblem(description: "'\(text)' is no time") }
    return Instant(microseconds: seconds * 1_000_000)
  }

  /// Reads for example `pack box: a b`.
  static func event(_ text: String, at time: Instant) throws -> Cairn_V1_Event {
    let words = text.split(separator: " ", maxSplits: 1).map(String.init)
    guard let verb = words.first, let shape = shapes[verb] else {
      throw StoryProblem(description: "'\(text)' begins with no verb")
    }
    var event = Cairn_V1_Event()
    event.type = shape.type
    event.action = shape.action
    event.eventTime.microseconds = time.microseconds
    let rest = words.count > 1 ? words[1] : ""
    switch shape.type {
    case .object: (event.epcList, event.quantityList) = things(rest)
    case .aggregation, .association: addChildren(rest, &event)
    case .transaction: addObjects(rest, &event)
    default: addEnds(rest, &event)
    }
    return event
  }

  private static let shapes: [String: (type: Cairn_V1_EventType, action: Cairn_V1_Action)] = [
    "create": (.object, .add), "see": (.object, .observe), "destroy": (.object, .delete),
    "pack": (.aggregation, .add), "find": (.aggregation, .observe), "unpack": (.aggregation, .delete),
    "attach": (.association, .add), "sense": (.association, .observe), "detach": (.association, .delete),
    "order": (.transaction, .add), "check": (.transaction, .observe), "cancel": (.transaction, .delete),
    "make": (.transformation, .unspecified),
  ]

  /// Words are items; word*number with an optional unit is an amount, word* an unknown one.
  private static func things(_ text: String) -> (Cairn_V1_ItemList, Cairn_V1_QuantityList) {
    var items = Cairn_V1_ItemList()
    var quantities = Cairn_V1_QuantityList()
    for word in text.split(separator: " ") where word != "all" {
      let parts = word.split(separator: "*", omittingEmptySubsequences: false)
      guard parts.count > 1 else {
        items.items.append(identifier(String(word)))
        continue
      }
      let number = parts[1].prefix { !$0.isLetter }
      quantities.quantities.append(
        .with {
          $0.epcClass = identifier(String(parts[0]))
          $0.quantity = String(number)
          $0.uom = String(parts[1].dropFirst(number.count))
        })
    }
    return (items, quantities)
  }

  private static func addChildren(_ text: String, _ event: inout Cairn_V1_Event) {
    let (parent, rest) = split(text, ": ")
    event.parentID = identifier(parent)
    (event.childEpcs, event.childQuantityList) = things(rest)
  }

  private static func addObjects(_ text: String, _ event: inout Cairn_V1_Event) {
    let (transactions, rest) = split(text, ": ")
    event.bizTransactionList.bizTransactions = transactions.split(separator: " ").map { word in
      .with { $0.bizTransaction = identifier(String(word)) }
    }
    let (objects, parent) = split(rest, "under ")
    if !parent.isEmpty { event.parentID = identifier(parent) }
    (event.epcList, event.quantityList) = things(objects)
  }

  private static func addEnds(_ text: String, _ event: inout Cairn_V1_Event) {
    var text = text
    if text.hasPrefix("#") {
      let (id, rest) = split(text, ": ")
      event.transformationID = "batch:" + id.dropFirst()
      text = rest
    }
    let (inputs, outputs) = split(text, "->")
    (event.inputEpcList, event.inputQuantityList) = things(inputs)
    (event.outputEpcList, event.outputQuantityList) = things(outputs)
  }

  static func split(_ text: String, _ separator: String) -> (String, String) {
    guard let range = text.range(of: separator) else { return (text.trimmingCharacters(in: .whitespaces), "") }
    return (
      text[..<range.lowerBound].trimmingCharacters(in: .whitespaces),
      text[range.upperBound...].trimmingCharacters(in: .whitespaces)
    )
  }
}
