import ArgumentParser
import Consortium
import EPCIS
import Primitives
import Signing

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

/// A time to come: a moment, or a number of days, hours, minutes or seconds from now, for example `14d`.
struct Deadline: ExpressibleByArgument {
  private enum Kind {
    case at(Instant)
    case after(seconds: Int64)
  }

  private static let seconds: [Character: Int64] = ["d": 86_400, "h": 3_600, "m": 60, "s": 1]
  private static let maxCount: Int64 = 1_000_000

  private let kind: Kind
  let defaultValueDescription: String

  /// So many days from now.
  init(days: Int64) {
    kind = .after(seconds: days * 86_400)
    defaultValueDescription = "\(days)d"
  }

  init?(argument: String) {
    defaultValueDescription = argument
    if let moment = Moment(argument: argument) {
      kind = .at(moment.instant)
    } else if let unit = argument.last.flatMap({ Self.seconds[$0] }), let count = Int64(argument.dropLast()),
      (0...Self.maxCount).contains(count)
    {
      kind = .after(seconds: count * unit)
    } else {
      return nil
    }
  }

  /// When that is, seen from `now`.
  func instant(from now: Instant) -> Instant {
    switch kind {
    case .at(let instant): instant
    case .after(let seconds): Instant(microseconds: now.microseconds + seconds * 1_000_000)
    }
  }
}

/// A key typed as its id, or as a file with its public half.
struct KeyReference: ExpressibleByArgument {
  private let text: String

  init(argument: String) { text = argument }

  /// The key's id.
  func id() throws(Failure) -> KeyID {
    if let digest = Digest(hex: text) { return KeyID(digest) }
    return try KeyFile.publicKey(text).id
  }
}

extension Role: ExpressibleByArgument {}
