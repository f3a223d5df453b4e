import Foundation
import Ledger
import Merkle
import Primitives
import Provenance
import SwiftProtobuf
import Wire

/// A random event and who may read it.
struct Statement {
  static let items = (0..<4).map { "https://id.gs1.org/01/09521321000018/21/B\($0)" }
  static let places = ["https://id.gs1.org/414/9521321000001", "https://id.gs1.org/414/9521321000018"]
  static let steps = ["shipping", "receiving"]
  private static let visibilities: [Cairn_V1_Visibility?] = [
    nil, .of(.members), .of(.public), .of(.public), .of(.parties, ["acme"]), .of(.parties, ["kilo"]),
    .of(.parties, ["kilo", "zulu"]), .of(.parties, ["port"]),
  ]

  var item: String
  var place: String
  var step: String
  var seconds: Int
  var eventID: String
  var visibility: Cairn_V1_Visibility?
  var salt: UInt8

  /// An event with any content.
  init(using random: inout some RandomNumberGenerator) {
    item = Self.items.randomElement(using: &random) ?? ""
    place = Self.places.randomElement(using: &random) ?? ""
    step = Self.steps.randomElement(using: &random) ?? ""
    seconds = Int.random(in: 0..<50, using: &random)
    eventID = "urn:uuid:\(Int.random(in: 0..<8, using: &random))"
    visibility = Self.visibilities.randomElement(using: &random) ?? nil
    salt = .random(in: .min ... .max, using: &random)
  }

  /// An event about an item.
  init(about item: String, _ visibility: Cairn_V1_Visibility?, seconds: Int = 0) {
    self.item = item
    place = Self.places[0]
    step = Self.steps[0]
    self.seconds = seconds
    eventID = "urn:uuid:0"
    self.visibility = visibility
    salt = 0
  }

  /// The record, the `number`-th of all, at least `padding` bytes long.
  func record(_ number: Int, padding: Int = 0) throws -> Data {
    var event = Cairn_V1_Event.with {
      $0.type = .object
      $0.action = .observe
      $0.eventTime.microseconds = 1_780_000_000_000_000 + Int64(seconds) * 1_000_000
      $0.epcList.items = [item]
      $0.bizStep = step
      $0.readPoint.id = place
      $0.eventID = eventID
    }
    if padding > 0 {
      event.extensions = [
        .with {
          $0.name = "https://example.org/padding"
          $0.value.text = String(repeating: "x", count: padding)
        }
      ]
    }
    let salt = withUnsafeBytes(of: UInt64(number).bigEndian) { Data($0) } + Data(repeating: salt, count: 8)
    return try BatchBuilder.serialize(Cairn_V1_Record(event: event, salt: salt, visibility: visibility))
  }

  /// The rule, said once more and in other words than the ledger's: whether a key of that party reads what `author` states.
  func isReadable(by party: Party, author: Party) -> Bool {
    if party == .auditor || party == .regulator { return true }
    let audience = visibility?.audience ?? .members
    if audience == .public { return true }
    if party == .anyone || party.role == .device { return false }
    return audience == .members || party.member == author.member || visibility?.memberIds.contains(party.member) == true
  }
}

extension Cairn_V1_Visibility {
  static func of(_ audience: Cairn_V1_Audience, _ members: [String] = []) -> Cairn_V1_Visibility {
    .with {
      $0.audience = audience
      $0.memberIds = members
    }
  }
}
