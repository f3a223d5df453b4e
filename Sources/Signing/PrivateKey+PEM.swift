import COpenSSL
package import Primitives

extension PrivateKey {
  /// The most characters a PEM file may have.
  package static let maxPEMByteCount = 16_384
  /// PBKDF2 rounds for a key that is written under a passphrase: a fraction of a second each time it is read.
  private static let iterations: Int32 = 600_000

  /// Reads PKCS#8 (RFC 5958), in the clear or encrypted; never asks on the terminal.
  ///
  /// Fails with PASSPHRASE_MISSING, PASSPHRASE_WRONG, MALFORMED_KEY or UNSUPPORTED_KEY.
  package convenience init(pem: String, passphrase: String?) throws(Failure) {
    defer { ERR_clear_error() }
    let block = try PEMBlock(pem)
    let info: OpaquePointer
    switch block.label {
    case "PRIVATE KEY": info = try Self.parse(block)
    case "ENCRYPTED PRIVATE KEY":
      guard let passphrase else {
        throw Failure(.preconditionFailed, "PASSPHRASE_MISSING", "the private key is encrypted: a passphrase is needed")
      }
      info = try Self.decrypt(block, passphrase)
    default:
      throw Self.malformed(
        "the PEM block is '\(block.label)'; expected 'PRIVATE KEY' or 'ENCRYPTED PRIVATE KEY' (openssl pkcs8 -topk8)")
    }
    defer { PKCS8_PRIV_KEY_INFO_free(info) }
    guard let key = EVP_PKCS82PKEY(info) else { throw Self.malformed("no key that OpenSSL understands") }
    try self.init(KeyHandle(owning: key))
  }

  /// PKCS#8 in PEM: with a passphrase as PBES2 of AES-256-CBC and PBKDF2-HMAC-SHA256, without one in the clear.
  package func pem(passphrase: String?) throws(Failure) -> String {
    defer { ERR_clear_error() }
    guard let info = EVP_PKEY2PKCS8(handle.pointer), let bio = BIO_new(BIO_s_secmem()) else { throw Self.notWritten }
    defer {
      PKCS8_PRIV_KEY_INFO_free(info)
      BIO_free(bio)
    }
    guard let passphrase else {
      guard PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, info) == 1 else { throw Self.notWritten }
      return try Self.text(of: bio)
    }
    let secret = Array(passphrase.utf8CString)
    let sealed = PKCS8_encrypt(-1, EVP_aes_256_cbc(), secret, Int32(secret.count - 1), nil, 16, Self.iterations, info)
    guard let sealed else { throw Self.notWritten }
    defer { X509_SIG_free(sealed) }
    guard PEM_write_bio_PKCS8(bio, sealed) == 1 else { throw Self.notWritten }
    return try Self.text(of: bio)
  }

  private static func parse(_ block: borrowing PEMBlock) throws(Failure) -> OpaquePointer {
    var end = block.start
    guard let info = d2i_PKCS8_PRIV_KEY_INFO(nil, &end, block.count) else { throw malformed("not PKCS#8") }
    return info
  }

  private static func decrypt(_ block: borrowing PEMBlock, _ passphrase: String) throws(Failure) -> OpaquePointer {
    var end = block.start
    guard let sealed = d2i_X509_SIG(nil, &end, block.count) else { throw malformed("not encrypted PKCS#8") }
    defer { X509_SIG_free(sealed) }
    let secret = Array(passphrase.utf8CString)
    guard let info = PKCS8_decrypt(sealed, secret, Int32(secret.count - 1)) else {
      throw Failure(.unauthenticated, "PASSPHRASE_WRONG", "the passphrase does not open the private key")
    }
    return info
  }

  private static func text(of bio: OpaquePointer) throws(Failure) -> String {
    var start: UnsafeMutablePointer<CChar>?
    let count = cairn_memory_bytes(bio, &start)
    guard let start, count > 0 else { throw notWritten }
    return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }

  static func malformed(_ description: String) -> Failure {
    .malformed("MALFORMED_KEY", field: "private_key", description)
  }

  private static var notWritten: Failure {
    Failure(.bug, "KEY_NOT_WRITTEN", "OpenSSL could not encode the private key")
  }
}
