import Checkpoints
import FoundationEssentials
import Ledger
import Primitives
import SwiftProtobuf
import Wire

/// How evidence and answers with proofs lie on the disk; the raw value is the file name's extension.
enum EvidenceFormat: String {
  case protobuf = "cairn"
  case json = "json"
  case tlogProof = "tlog-proof"
  case pack = "cairn-pack"

  /// The largest file of evidence read, in bytes; one of an answer may be as large as a pack.
  private static let maxByteCount = 16 << 20

  /// The format that a file's name asks for; protobuf where it asks for none.
  init(path: String?) {
    self = [.json, .tlogProof].first { path?.hasSuffix("." + $0.rawValue) == true } ?? .protobuf
  }

  /// The format that a file's first bytes show; an answer begins with its field `format`.
  init(content: [UInt8]) {
    if content.starts(with: "c2sp.org/tlog-proof@".utf8) {
      self = .tlogProof
    } else if content.first == 0x0A, content.dropFirst(2).starts(with: "cairn-pack/".utf8) {
      self = .pack
    } else if content.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
      self = .json
    } else {
      self = .protobuf
    }
  }

  /// A file's bytes, if it is no larger than its format allows; fails with FILE_UNREADABLE or FILE_TOO_LARGE.
  static func read(_ path: String) throws(Failure) -> [UInt8] {
    let content = try Files.read(path, limit: PackVerifier.maxBytes)
    guard content.count <= maxByteCount || EvidenceFormat(content: content) == .pack else {
      throw Failure(.exhausted, "FILE_TOO_LARGE", "\(path) has more than \(maxByteCount) bytes")
    }
    return content
  }

  /// Reads an answer with its proofs.
  static func decodePack(_ content: [UInt8]) throws(Failure) -> Cairn_V1_ProvedAnswer {
    do { return try Cairn_V1_ProvedAnswer(serializedBytes: content) } catch {
      throw malformed("not a serialized cairn.v1.ProvedAnswer; the file is damaged")
    }
  }

  /// The file.
  func encode(_ evidence: Cairn_V1_Evidence) throws(Failure) -> [UInt8] {
    switch self {
    case .protobuf, .pack: return Array(try BatchBuilder.serialize(evidence))
    case .json:
      do { return try evidence.jsonUTF8Bytes() } catch {
        throw Failure(.bug, "SERIALIZATION_FAILED", "evidence could not be written as JSON: \(error)")
      }
    case .tlogProof:
      guard let proof = evidence.proofs.first else { throw Self.malformed("there is no proof in it") }
      let path = proof.logPath.compactMap { Digest($0) }
      return Array(
        TransparencyProof(
          index: proof.position, path: path, checkpoint: evidence.checkpoint, extra: Array(proof.entry)
        ).description.utf8)
    }
  }

  /// Reads protobuf or JSON.
  func decode(_ content: [UInt8]) throws(Failure) -> Cairn_V1_Evidence {
    do {
      return self == .json
        ? try Cairn_V1_Evidence(jsonUTF8Bytes: content) : try Cairn_V1_Evidence(serializedBytes: content)
    } catch {
      throw Self.malformed("neither a serialized cairn.v1.Evidence nor its JSON; the file is damaged or something else")
    }
  }

  private static func malformed(_ description: String) -> Failure {
    .malformed("MALFORMED_EVIDENCE", field: "evidence", description)
  }
}
