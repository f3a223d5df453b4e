import ArgumentParser
import EPCIS
import Primitives

/// A digest typed as 64 hexadecimal characters.
struct HexDigest: ExpressibleByArgument {
  let digest: Digest

  init?(argument: String) {
    guard let digest = Digest(hex: argument) else { return nil }
    self.digest = digest
  }
}

/// A time typed as RFC 3339, or as a date that means its first moment in UTC.
struct Moment: ExpressibleByArgument {
  let instant: Instant

  init?(argument: String) {
    let text = argument.utf8.count == 10 ? argument + "T00:00:00Z" : argument
    guard let time = try? RFC3339(text) else { return nil }
    instant = time.instant
  }
}
