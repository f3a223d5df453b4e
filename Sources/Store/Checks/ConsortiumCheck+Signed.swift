import Checkpoints
import Consensus
import Consortium
import Foundation
import GRDB
import Ledger
import Merkle
import Primitives

extension ConsortiumCheck {
  /// Whether each certificate is over this log, with signatures that all hold, of a quorum of the members of its time.
  func brokenCertificates() throws -> [String] {
    let certificates = try reader.certificates(limit: Store.maxCertificates + 1)
    if certificates.count > Store.maxCertificates { return ["more than the \(Store.maxCertificates) that are kept"] }
    return try certificates.compactMap { kept in
      let name = "the certificate over \(kept.size) entries"
      guard let own = root(kept.size) else { return "\(name): the log has \(edge.size)" }
      guard own == kept.root else { return "\(name) has the root \(kept.root); the log has \(own)" }
      var certifier = try certifier(upTo: kept.size)
      guard let found = certifier.certificate(in: kept.note, root: root), found.log.size == kept.size else {
        return "\(name): its note is not of cosignatures that all hold, of a quorum of the members, over that log"
      }
      return nil
    }
  }

  /// Whether each contradiction is one: two logs of one size, one signed by this node and one by another's key.
  func brokenDivergences() throws -> [String] {
    let final = try reader.certificate()?.size ?? 0
    return try reader.divergences(limit: StoredDivergence.maxCount + 1).compactMap { kept in
      let isCut = !isUncut && kept.size > final
      guard let why = try flaw(in: kept, isCut: isCut) else { return nil }
      return "contradiction \(kept.id): \(why)"
    }
  }

  /// Why it is none. Of a log that was cut since, the part that is gone cannot be compared, nor keys known that it registered.
  private func flaw(in kept: StoredDivergence, isCut: Bool) throws -> String? {
    let own = try? Checkpoint(try SignedNote(kept.own).text).root
    guard let own, try !signers(of: kept.own, size: kept.size, root: nil).isEmpty || isCut else {
      return "the node's own note is not signed by a node's key over \(kept.size) entries"
    }
    if !isCut, root(kept.size) != own { return "the node's own note is of another log than it has" }
    guard let key = kept.key else {
      let promised = Divergence.promise(in: kept.other)
      let isOther = promised.map { $0.size == kept.size && $0.root != own } ?? false
      return isOther ? nil : "the promise is not one of another log of \(kept.size) entries"
    }
    if isCut, directory.keys[key] == nil { return nil }
    var certifier = try certifier(upTo: min(kept.size, edge.size))
    certifier.appended(size: kept.size, time: try time(at: edge.size), directory: directory)
    let found = certifier.contradiction(in: kept.other, directory: directory) { $0 == kept.size ? own : nil }
    guard let found, found.theirs.size == kept.size, found.key == key else {
      return "the other one's is not what key \(key) signed of another log of \(kept.size) entries"
    }
    return nil
  }

  /// Whether each key that this node has cosigned with is one of its member's nodes.
  func brokenCosigners() throws -> [String] {
    let members = Set(
      try reader.checkpoint().map { try signers(of: $0.note, size: $0.size, root: $0.root).map(\.memberID) } ?? [])
    return try Row.fetchAll(reader.db, sql: "SELECT key_id FROM cosigner").compactMap { row in
      guard let id = KeyID(try row.data(0)) else { return "a key id of another length" }
      guard let key = directory.keys[id] else { return isUncut ? "key \(id), which the log does not know" : nil }
      guard key.roles.contains(.node) else { return "key \(id), which is no node's" }
      return members.contains(key.memberID) ? nil : "key \(id) of \(key.memberID), whose node this is not"
    }
  }
}
