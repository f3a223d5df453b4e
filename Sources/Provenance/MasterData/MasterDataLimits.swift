/// How large the parts of a description may be; the proto comments state the same numbers.
package enum MasterDataLimits {
  /// The longest text, in UTF-8 bytes, where nothing else is said.
  package static let textByteCount = 256
  /// The most names, a language once.
  package static let nameCount = 32
  /// The most lines of street and number.
  package static let streetCount = 3
  /// The most attributes.
  package static let attributeCount = 256
  /// The most images.
  package static let imageCount = 32
  /// The longest language tag, in bytes.
  package static let languageByteCount = 35
}
