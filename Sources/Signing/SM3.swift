import COpenSSL
package import FoundationEssentials
package import Primitives

/// SM3 (GB/T 32905-2016).
package enum SM3 {
  /// The hash of `bytes`.
  package static func hash(_ bytes: some ContiguousBytes) -> Digest {
    bytes.withUnsafeBytes { input in
      Digest { EVP_Digest(input.baseAddress, input.count, $0.baseAddress, nil, EVP_sm3(), nil) }
    }
  }
}
