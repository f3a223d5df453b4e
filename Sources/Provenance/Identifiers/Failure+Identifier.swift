import Primitives

extension Failure {
  /// An identifier that is wrong; the caller adds the field with `under`.
  static func identifier(_ reason: String, _ description: String) -> Failure {
    .malformed(reason, field: "", description)
  }
}
