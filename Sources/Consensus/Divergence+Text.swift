import FoundationEssentials
import Ledger
import Primitives
import SwiftProtobuf
import Wire

extension Divergence {
  private static let markPrefix = "cairn-mark "

  /// What the other one signed, as it is kept and published: its note verbatim, or what its mark says and the signed mark in
  /// base64. A promise of this node's own is said in words: nothing of it is kept that is signed.
  package var evidenceText: String {
    switch evidence {
    case .cosignature(let note): note
    case .mark(let mark):
      "mark \(mark.mark.number) of key \(mark.key): \(Self.words(theirs))\n\(Self.line(mark.signed))"
    case .promise: Self.promise(theirs)
    }
  }

  private static func promise(_ log: LogPoint) -> String { "promise: \(words(log))\n" }

  private static func words(_ log: LogPoint) -> String { "\(log.size) entries with the root \(log.root)" }

  private static func line(_ mark: SignedMark?) -> String {
    guard let bytes = mark.flatMap({ try? BatchBuilder.serialize($0.wire) }) else { return "" }
    return "\(markPrefix)\(bytes.base64EncodedString())\n"
  }

  /// What a node's own promise, kept as such a text, was of; nil of any other text.
  package static func promise(in text: String) -> LogPoint? {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 7, let size = UInt64(words[1]), let root = Digest(hex: String(words[6])) else { return nil }
    let log = LogPoint(size: size, root: root)
    return promise(log) == text ? log : nil
  }

  /// The signed mark in such a text; nil where there is none.
  static func mark(in text: String) -> SignedMark? {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(markPrefix) }),
      let bytes = Data(base64Encoded: String(line.dropFirst(markPrefix.count))),
      let wire = try? Cairn_V1_SignedMark(serializedBytes: bytes)
    else { return nil }
    return try? SignedMark(wire)
  }
}
