package import Primitives
import Signing
package import Wire

/// What an event is known by wherever it is: the hash of what it says (CBV 2.0, section 8.9), without its own id, its
/// record time and its error declaration. Different spellings of one event have one hash.
package struct EventHash: Hashable, Sendable {
  /// SHA-256 of the event's pre-hash text.
  package let digest: Digest

  /// The hash with that digest.
  package init(digest: Digest) { self.digest = digest }

  /// The hash of a valid event; nil where its pre-hash text is longer than `PreHash.maximumByteCount`.
  package init?(
    of event: Cairn_V1_Event, reading: PreHash.Reading = .inPlace,
    webVocabulary: PreHash.WebVocabulary = .published
  ) {
    guard let text = PreHash(of: event, reading: reading, webVocabulary: webVocabulary) else { return nil }
    self.init(text)
  }

  private init(_ text: PreHash) { digest = text.bytes.withUnsafeBytes { SHA256.hash($0) } }

  /// Every hash that an event may claim and be asked for by: several where the rules are read in several ways. The first
  /// is the one that answers show.
  package static func all(of event: Cairn_V1_Event) -> [EventHash] {
    guard let text = PreHash(of: event) else { return [] }
    var hashes = [EventHash(text)]
    for (reading, address) in text.otherReadings(of: event) {
      guard let hash = EventHash(of: event, reading: reading, webVocabulary: address) else { continue }
      if !hashes.contains(hash) { hashes.append(hash) }
    }
    return hashes
  }
}

extension EventHash: CustomStringConvertible {
  private static let prefix = "ni:///sha-256;"
  private static let suffix = "?ver=CBV2.0"

  /// As an event id: `ni:///sha-256;`, 64 hexadecimal digits, `?ver=CBV2.0`.
  package var description: String { Self.prefix + digest.description + Self.suffix }

  /// Reads what `description` writes; digits may be upper case.
  package init?(_ text: String) {
    guard Self.isClaimed(by: text),
      let digest = Digest(hex: String(text.dropFirst(Self.prefix.count).dropLast(Self.suffix.count)))
    else { return nil }
    self.digest = digest
  }

  /// Whether an event id says that it is the event's CBV 2.0 hash.
  package static func isClaimed(by eventID: String) -> Bool {
    eventID.utf8.starts(with: prefix.utf8) && eventID.hasSuffix(suffix)
  }

  /// Whether an event's id says that it is its hash, and is not, however it is read.
  package static func isFalselyClaimed(by event: Cairn_V1_Event) -> Bool {
    guard isClaimed(by: event.eventID) else { return false }
    return EventHash(event.eventID).map { !all(of: event).contains($0) } ?? true
  }
}
