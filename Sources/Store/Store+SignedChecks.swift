import Checkpoints
import Consortium
import Ledger
import Merkle
import Primitives
import Signing
import SwiftProtobuf
import Wire

extension Store {
  /// Whether the stored note is the node's signature over the stored checkpoint.
  func brokenNote(_ state: LedgerState) throws(Failure) -> [String] {
    guard let stored = try readNow({ try $0.checkpoint() }) else { return [] }
    let origin = Genesis.origin(name: state.directory.name, ledgerID: state.ledgerID)
    do throws(Failure) {
      var keys: [VerifierKey] = []
      for key in state.directory.nodeKeys(at: state.lastLedgerTime) {
        keys.append(try VerifierKey(name: origin, kind: .note, publicKey: key.publicKey))
      }
      let verified = try Policy(logs: keys).verify(stored.note).checkpoint
      guard verified.size == stored.size, verified.root == stored.root else {
        return ["the signed note speaks of \(verified.size) entries, the stored checkpoint of \(stored.size)"]
      }
      return []
    } catch { return ["the signed checkpoint: \(error)"] }
  }

  /// Whether each equivocation is what it says: two different headers, both signed by one key for one sequence number.
  func brokenEquivocations(_ state: LedgerState) throws(Failure) -> [String] {
    var findings: [String] = []
    var last = Int64.min
    while case let page = try readNow({ try $0.equivocations(after: last, of: nil, limit: 256) }), let end = page.last {
      for equivocation in page {
        do throws(Failure) { try verify(equivocation, state) } catch {
          findings.append("equivocation \(equivocation.id): \(error)")
        }
      }
      last = end.id
    }
    return findings
  }

  private func verify(_ equivocation: StoredEquivocation, _ state: LedgerState) throws(Failure) {
    let refused = try BatchHeader(equivocation.header)
    guard refused.authorKeyID == equivocation.author, refused.sequence == equivocation.sequence,
      let recorded = try readNow({ try $0.batch(at: equivocation.position) })?.header,
      recorded.authorKeyID == refused.authorKeyID, recorded.sequence == refused.sequence,
      recorded.digest != refused.digest
    else {
      throw Failure(.corrupt, "EQUIVOCATION_MISMATCH", "its headers are not two of one key for one sequence number")
    }
    guard let suite = Suite(rawValue: equivocation.suite) else {
      throw Failure(.corrupt, "EQUIVOCATION_MISMATCH", "suite \(equivocation.suite) is not known")
    }
    let signature = Cairn_V1_Signature.with {
      $0.suite = suite.wire
      $0.value = equivocation.signature
    }
    let key = try state.directory.key(equivocation.author).publicKey
    try BatchSignature.verify(signature, header: equivocation.header, by: key)
  }
}
