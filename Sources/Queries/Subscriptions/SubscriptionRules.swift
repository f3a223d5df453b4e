import Primitives
import SwiftProtobuf
import Wire

/// What a request may say about a subscription.
enum SubscriptionRules {
  /// A serialized filter, in bytes.
  static let filterBytes = 16 << 10
  /// A description, in bytes.
  static let descriptionBytes = 256
  /// Events that a receiver may have in flight.
  static let maxInFlight = 1_000
  /// Events that it has if it does not say.
  static let usualInFlight = 100

  /// A well-formed name, or malformed SUBSCRIPTION_NAME.
  static func name(_ text: String, field: String = "name") throws(Failure) -> String {
    let isWellFormed = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
      default: false
      }
    }
    guard isWellFormed, (1...64).contains(text.utf8.count) else {
      throw .malformed("SUBSCRIPTION_NAME", field: field, "1 to 64 characters of a-z, 0-9, '.', '-' and '_' expected")
    }
    return text
  }

  static func description(_ text: String) throws(Failure) -> String {
    guard text.utf8.count <= descriptionBytes,
      text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else {
      throw .malformed(
        "SUBSCRIPTION_DESCRIPTION", field: "description",
        "\(text.utf8.count) bytes; at most \(descriptionBytes) without control characters expected")
    }
    return text
  }

  static func maxInFlight(_ requested: UInt32) throws(Failure) -> Int {
    guard requested <= maxInFlight else {
      throw .malformed(
        "MAX_IN_FLIGHT", field: "start.max_in_flight",
        "\(requested); at most \(maxInFlight), or 0 for \(usualInFlight)")
    }
    return requested == 0 ? usualInFlight : Int(requested)
  }
}
