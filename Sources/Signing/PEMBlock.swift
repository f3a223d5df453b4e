import COpenSSL
import Primitives

/// The first block of a PEM text (RFC 7468), wiped when it goes.
struct PEMBlock: ~Copyable {
  /// The words after BEGIN.
  let label: String
  /// The number of bytes of DER.
  let count: Int
  private let bytes: UnsafeMutablePointer<UInt8>

  /// Where the DER begins.
  var start: UnsafePointer<UInt8>? { UnsafePointer(bytes) }

  /// Reads at most 16 KiB of text.
  init(_ text: String) throws(Failure) {
    guard text.utf8.count <= PrivateKey.maxPEMByteCount else {
      throw PrivateKey.malformed("\(text.utf8.count) bytes of PEM; at most \(PrivateKey.maxPEMByteCount) are read")
    }
    var name: UnsafeMutablePointer<CChar>?
    var header: UnsafeMutablePointer<CChar>?
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    let found = Array(text.utf8).withUnsafeBytes { utf8 in
      let bio = BIO_new_mem_buf(utf8.baseAddress, Int32(utf8.count))
      defer { BIO_free(bio) }
      return PEM_read_bio(bio, &name, &header, &bytes, &count)
    }
    defer {
      CRYPTO_free(name, #file, #line)
      CRYPTO_free(header, #file, #line)
    }
    guard found == 1, let name, let bytes else {
      throw PrivateKey.malformed("no PEM block: -----BEGIN PRIVATE KEY-----")
    }
    label = String(cString: name)
    self.bytes = bytes
    self.count = count
  }

  deinit { CRYPTO_clear_free(bytes, count, #file, #line) }
}
