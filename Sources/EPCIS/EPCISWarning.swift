/// Something in a file that was read but not recorded, or recorded on trust.
package struct EPCISWarning: Hashable, Sendable {
  /// DOCUMENT_FIELD_NOT_RECORDED, MASTER_DATA_NOT_RECORDED or TERM_NOT_CHECKED.
  package let reason: String
  /// RFC 6901 pointer.
  package let pointer: String
  /// What and why, in one sentence.
  package let message: String
}
