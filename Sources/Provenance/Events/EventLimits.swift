/// How large the parts of an event may be; the proto comments state the same numbers.
package enum EventLimits {
  /// The longest text, in UTF-8 bytes, where nothing else is said.
  package static let textByteCount = 2_048
  /// The longest list.
  package static let listCount = 20_000
  /// The longest text inside a user extension, in UTF-8 bytes.
  package static let extensionTextByteCount = 32_768
  /// The deepest nesting of lists and objects in a user extension.
  package static let extensionDepth = 24
  /// The most values in all user extensions and contexts of an event together.
  package static let extensionNodeCount = 20_000
  /// The largest distance of a local time from UTC, in minutes.
  package static let offsetMinutes = 840
}
