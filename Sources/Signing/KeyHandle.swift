import COpenSSL
import Primitives

/// An EVP_PKEY that frees itself, and the two operations on it.
final class KeyHandle: Sendable {
  /// OpenSSL locks the key's own caches, and nobody here changes a key once it is made.
  nonisolated(unsafe) let pointer: OpaquePointer

  /// Takes over one reference to `pointer`.
  init(owning pointer: OpaquePointer) { self.pointer = pointer }

  deinit { EVP_PKEY_free(pointer) }

  /// The DER of the public half's SubjectPublicKeyInfo.
  var subjectPublicKeyInfo: [UInt8] {
    let count = i2d_PUBKEY(pointer, nil)
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, written in
      var end = buffer.baseAddress
      written = Int(max(0, i2d_PUBKEY(pointer, &end)))
    }
  }

  /// Whether `signature`, as OpenSSL encodes it for this suite, is this key's over `message`.
  func verifies(_ signature: [UInt8], over message: UnsafeRawBufferPointer, suite: Suite) -> Bool {
    defer { ERR_clear_error() }
    return withOperation(suite) { context in
      EVP_DigestVerifyInit(context, nil, suite.hash, nil, pointer) == 1
        && EVP_DigestVerify(
          context, signature, signature.count, message.bindMemory(to: UInt8.self).baseAddress,
          message.count) == 1
    }
  }

  /// The signature over `message`, as OpenSSL encodes it for this suite; nil when OpenSSL fails.
  func sign(_ message: UnsafeRawBufferPointer, suite: Suite) -> [UInt8]? {
    defer { ERR_clear_error() }
    var signature = [UInt8](repeating: 0, count: 128)
    var count = signature.count
    let signed = withOperation(suite) { context in
      EVP_DigestSignInit(context, nil, suite.hash, nil, pointer) == 1
        && EVP_DigestSign(
          context, &signature, &count, message.bindMemory(to: UInt8.self).baseAddress,
          message.count) == 1
    }
    return signed ? Array(signature.prefix(count)) : nil
  }

  /// The body runs with a fresh digest context that knows the SM2 distinguishing id where one is needed.
  private func withOperation(_ suite: Suite, _ body: (OpaquePointer) -> Bool) -> Bool {
    guard let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    guard suite == .sm2 else { return body(context) }
    guard let keyContext = EVP_PKEY_CTX_new(pointer, nil) else { return false }
    defer { EVP_PKEY_CTX_free(keyContext) }
    let id = Array("1234567812345678".utf8)
    guard EVP_PKEY_CTX_set1_id(keyContext, id, Int32(id.count)) == 1 else { return false }
    EVP_MD_CTX_set_pkey_ctx(context, keyContext)
    return body(context)
  }
}
