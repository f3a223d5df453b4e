import COpenSSL
import FoundationEssentials
package import Primitives

extension PublicKey {
  /// Reads a SubjectPublicKeyInfo in PEM (RFC 7468 §13), at most 16 KiB of text; fails as the DER would.
  package convenience init(pem: String) throws(Failure) {
    defer { ERR_clear_error() }
    let block = try Self.publicBlock(pem)
    guard block.label == "PUBLIC KEY" else {
      throw .malformed("MALFORMED_KEY", field: "public_key", "the PEM block is '\(block.label)'; expected 'PUBLIC KEY'")
    }
    try self.init(subjectPublicKeyInfo: Array(UnsafeBufferPointer(start: block.start, count: block.count)))
  }

  /// The SubjectPublicKeyInfo in PEM.
  package var pem: String {
    let lines = Data(subjectPublicKeyInfo).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    return "-----BEGIN PUBLIC KEY-----\n\(lines)\n-----END PUBLIC KEY-----\n"
  }

  private static func publicBlock(_ pem: String) throws(Failure) -> PEMBlock {
    do { return try PEMBlock(pem) } catch {
      throw .malformed("MALFORMED_KEY", field: "public_key", "no PEM block: expected -----BEGIN PUBLIC KEY-----")
    }
  }
}
