import Primitives

/// Something wrong in a source file, and where.
package struct SourceProblem: Hashable, Sendable, CustomStringConvertible {
  /// The file as it was named.
  package let file: String
  /// An RFC 6901 pointer, or a line and column where the text is no JSON; empty for the file as a whole.
  package let place: String
  /// The stable word.
  package let reason: String
  /// What was wrong and what would be right.
  package let message: String

  init(file: String, _ failure: Failure) {
    self.file = file
    reason = failure.reason
    message = failure.violations.first?.description ?? failure.message
    let pointer = failure.violations.first?.field ?? failure.metadata["pointer"] ?? ""
    if let line = failure.metadata["line"], let column = failure.metadata["column"] {
      place = "line \(line), column \(column)"
    } else {
      place = pointer
    }
  }

  /// What is wrong with the description at `place`; a field of the failure is said in its message.
  init(file: String, _ failure: Failure, at place: String) {
    self.file = file
    self.place = failure.metadata["pointer"] ?? place
    reason = failure.reason
    let violation = failure.violations.first
    let field = failure.metadata["pointer"] == nil ? violation?.field ?? "" : ""
    message = (field.isEmpty ? "" : "\(field): ") + (violation?.description ?? failure.message)
  }

  /// `shipment.json: /epcisBody/eventList/3/epcList/0: INVALID_CHECK_DIGIT: …`
  package var description: String {
    "\(file): \(place.isEmpty ? "" : place + ": ")\(reason): \(message)"
  }
}
