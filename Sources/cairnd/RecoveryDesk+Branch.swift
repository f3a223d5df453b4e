import Client
import Consensus
import Ledger
import Ordering
import Peers
import Primitives
import Store

/// A node whose log left the others': an engine that was put back to an older copy gave its places to other batches than before,
/// and some members had read the ones, some the others. At most one of the two can have been made FINAL.
extension RecoveryDesk {
  /// Changes to the log that the statements lead to, if a peer that serves proves to have it. What this node's own had beyond
  /// the part they share is kept and published again. Gives what was wrong with each peer.
  ///
  /// Killed in between, this node's log ends with the shared part, which the other log continues.
  func changeBranch(_ wish: OpeningWish) async throws(Failure) -> [String] {
    var troubles: [String] = []
    for peer in try peers() {
      do throws(Failure) {
        guard let (base, shared) = try await otherBase(wish, at: peer) else { continue }
        try await cutBack(to: shared.size)
        return troubles + (try await fetch([base]))
      } catch {
        guard error.kind == .unavailable || error.kind == .preconditionFailed else { throw error }
        troubles.append("\(peer.name): \(error)")
      }
    }
    return troubles
  }

  /// The base that the statements lead to, with what the peer proves, and how much of it this node's log begins with;
  /// nil where the peer has none of the named logs that this node lacks.
  private func otherBase(
    _ wish: OpeningWish, at peer: PeerClient
  ) async throws(Failure) -> (base: LogPoint, shared: LogPoint)? {
    let (view, proofs) = (try view(), PeerProofs(peer))
    let root = store.roots(of: view)
    let size = max(view.certificate?.size ?? 1, 1)
    guard let final = root(size).map({ LogPoint(size: size, root: $0) }) else { return nil }
    let named = wish.named.filter { $0.size > final.size }.sorted()
    for target in named.reversed() where root(target.size) != target.root {
      guard let link = try await proofs.link(from: final, to: target) else { continue }
      var links = [link]
      for smaller in named where smaller.size < target.size {
        if let link = try await proofs.link(from: smaller, to: target) { links.append(link) }
      }
      var proven = ProvenPrefixes(links)
      proven.add(wish.named, of: root)
      let base = try Recovery.base(
        of: wish.statements, directory: view.directory, signers: try store.signersSinceFinal(in: view),
        choosing: wish.chosen, acceptingIncomplete: wish.acceptsIncomplete, proven: proven)
      guard base == target || links.contains(where: { $0.smaller == base }) else { return nil }
      return (base, try await proofs.sharedLog(with: base, from: final, root: root))
    }
    return nil
  }
}
