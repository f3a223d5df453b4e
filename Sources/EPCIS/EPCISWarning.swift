/// Something in a file that was read but not recorded, or recorded on trust.
package struct EPCISWarning: Hashable, Sendable {
  /// DOCUMENT_FIELD_NOT_RECORDED, MASTER_DATA_NOT_RECORDED, TERM_NOT_CHECKED or FALSE_EVENT_HASH.
  package let reason: String
  /// RFC 6901 pointer.
  package let pointer: String
  /// What and why, in one sentence.
  package let message: String

  /// A warning about what stands at `pointer`.
  package init(reason: String, pointer: String, message: String) {
    self.reason = reason
    self.pointer = pointer
    self.message = message
  }
}
