package import Primitives
package import Wire

/// An event that was read, and where each of its parts stood.
package struct ReadEvent: Sendable {
  /// The message; not yet validated.
  package let event: Cairn_V1_Event
  /// What was kept on trust.
  package let warnings: [EPCISWarning]
  let place: JSONPointer
  let typeName: String
  let contextPointers: [String]

  init(
    event: Cairn_V1_Event, place: JSONPointer, typeName: String, contextPointers: [String], warnings: [EPCISWarning]
  ) {
    self.event = event
    self.place = place
    self.typeName = typeName
    self.contextPointers = contextPointers
    self.warnings = warnings
  }

  /// Where the event stood (RFC 6901).
  package var pointer: String { place.description }

  /// The JSON pointer of a message field, for example `epc_list.items[3]` gives `/epcisBody/eventList/7/epcList/3`.
  ///
  /// A prefix that ends in `event.` is ignored. A field that was absent gives the place where it would stand; a path
  /// that is not understood gives the pointer of the last part that was.
  package func pointer(forField field: String) -> String {
    var walk = FieldWalk(self)
    walk.follow(field)
    return walk.pointer
  }

  /// The same failure with JSON pointers in place of message fields: what a person with the file can look up.
  package func located(_ failure: Failure) -> Failure {
    var located = failure
    located.violations = failure.violations.map {
      Failure.Violation(field: pointer(forField: $0.field), description: $0.description)
    }
    if let first = located.violations.first {
      located.message = "\(first.field): \(first.description)"
      located.metadata["pointer"] = first.field
    } else {
      located.message = "\(pointer): \(failure.message)"
      located.metadata["pointer"] = pointer
    }
    return located
  }
}
