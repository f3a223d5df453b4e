import COpenSSL

/// The two layouts of an elliptic-curve signature: `r ‖ s`, 64 bytes, outside; DER inside OpenSSL.
enum ECDSASignature {
  private static let half = Suite.signatureByteCount / 2

  /// The DER of `r ‖ s`, which must be 64 bytes; the range of both numbers is judged by the verifier.
  static func der(_ raw: UnsafeRawBufferPointer) -> [UInt8]? {
    guard raw.count == Suite.signatureByteCount, let pair = ECDSA_SIG_new() else { return nil }
    defer { ECDSA_SIG_free(pair) }
    let bytes = raw.bindMemory(to: UInt8.self)
    guard let r = BN_bin2bn(bytes.baseAddress, Int32(half), nil) else { return nil }
    guard let s = BN_bin2bn(bytes.baseAddress?.advanced(by: half), Int32(half), nil) else {
      BN_free(r)
      return nil
    }
    ECDSA_SIG_set0(pair, r, s)
    return [UInt8](unsafeUninitializedCapacity: 2 * Suite.signatureByteCount) { buffer, written in
      var end = buffer.baseAddress
      written = Int(max(0, i2d_ECDSA_SIG(pair, &end)))
    }
  }

  /// The `r ‖ s` of a DER signature, or nil where it is none or a number needs more than 32 bytes.
  static func raw(_ der: [UInt8]) -> [UInt8]? {
    let parsed = der.withUnsafeBufferPointer { buffer in
      var end = buffer.baseAddress
      return d2i_ECDSA_SIG(nil, &end, buffer.count)
    }
    guard let parsed else { return nil }
    defer { ECDSA_SIG_free(parsed) }
    var raw = [UInt8](repeating: 0, count: Suite.signatureByteCount)
    let fits = raw.withUnsafeMutableBufferPointer { buffer in
      BN_bn2binpad(ECDSA_SIG_get0_r(parsed), buffer.baseAddress, Int32(half)) == half
        && BN_bn2binpad(ECDSA_SIG_get0_s(parsed), buffer.baseAddress?.advanced(by: half), Int32(half)) == half
    }
    return fits ? raw : nil
  }
}
