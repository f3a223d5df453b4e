/// What every room throws: a kind (who can do what about it), a stable reason, and a message that says
/// what was wrong, where, and what would be right.
package struct Failure: Error, Hashable, Sendable {
  /// What sort of thing went wrong; each kind has one gRPC status code.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case malformed, unauthenticated, forbidden, notFound, alreadyExists, conflict
    case preconditionFailed, outOfRange, exhausted, unavailable, corrupt, bug
  }

  /// One field that was wrong, by its path from the request's root.
  package struct Violation: Hashable, Sendable {
    /// For example `records[3].provenance.event.epc_list.items[0]`.
    package var field: String
    /// What was wrong and what would be right.
    package var description: String

    /// Says that `field` is wrong and why.
    package init(field: String, description: String) {
      self.field = field
      self.description = description
    }
  }

  package var kind: Kind
  /// A stable SCREAMING_SNAKE word that a program can switch on.
  package var reason: String
  package var message: String
  package var violations: [Violation]
  /// Facts a program may act on, for example `expected_sequence`.
  package var metadata: [String: String]
  /// How long to wait before trying the same request again; nil where trying again cannot help.
  package var retryAfterMilliseconds: Int?

  /// A failure with its kind, reason and message; the rest is optional detail.
  package init(
    _ kind: Kind, _ reason: String, _ message: String, violations: [Violation] = [],
    metadata: [String: String] = [:], retryAfterMilliseconds: Int? = nil
  ) {
    self.kind = kind
    self.reason = reason
    self.message = message
    self.violations = violations
    self.metadata = metadata
    self.retryAfterMilliseconds = retryAfterMilliseconds
  }

  /// A malformed field: the message repeats the path so that it stands alone in a log.
  package static func malformed(_ reason: String, field: String, _ description: String) -> Failure {
    Failure(
      .malformed, reason, field.isEmpty ? description : "\(field): \(description)",
      violations: [Violation(field: field, description: description)])
  }

  /// The same failure seen from one level up: every field path gains the prefix.
  package func under(_ prefix: String) -> Failure {
    var outer = self
    outer.violations = violations.map {
      let joint = $0.field.isEmpty || $0.field.hasPrefix("[") ? "" : "."
      return Violation(field: prefix + joint + $0.field, description: $0.description)
    }
    if let first = outer.violations.first, !violations.isEmpty {
      outer.message = "\(first.field): \(first.description)"
    }
    return outer
  }
}

extension Failure: CustomStringConvertible {
  /// `REASON: message`, one line.
  package var description: String { "\(reason): \(message)" }
}
