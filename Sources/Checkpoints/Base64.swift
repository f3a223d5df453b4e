import FoundationEssentials

/// Base 64 (RFC 4648 §4) in its one canonical spelling.
enum Base64 {
  /// The text of these bytes, padded.
  static func encode(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString()
  }

  /// The bytes of a canonical text; nil for any other spelling of the same bytes.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard let data = Data(base64Encoded: Data(text)), data.base64EncodedData().elementsEqual(text) else { return nil }
    return Array(data)
  }
}
