import Consensus
import Consortium
import Merkle
import Primitives

extension ConsortiumCheck {
  /// Most characters of why a batch was refused.
  private static let skipMessageLength = 512

  /// Whether the place in the engine's stream can be one. When the stream was made and stored what, the engine is asked at
  /// the next start.
  func brokenPlace() throws -> [String] {
    guard let place = try reader.enginePlace() else { return [] }
    let consensus = try ConsensusState(place.state)
    let stream = EnginePlace.stream(of: ledgerID, epoch: place.epoch)
    let read = try leastRead(in: place, consensus)
    let expected: [(Bool, String)] = [
      (place.epoch >= latestEpoch, "epoch \(place.epoch), but epoch \(latestEpoch) was opened here"),
      (
        consensus.epoch == place.epoch,
        "epoch \(place.epoch), but the state of the order is of epoch \(consensus.epoch)"
      ),
      (place.stream == stream, "the stream \(place.stream); this ledger's in epoch \(place.epoch) is \(stream)"),
      (place.created > 0, "a stream that was made at \(place.created)"),
      (place.sequence > 0 || place.stored == nil, "message 0 cannot have been stored"),
      (place.stored.map { $0 > 0 } ?? true, "a message that was stored at \(place.stored ?? 0)"),
      (place.sequence >= read, "message \(place.sequence), but what follows from the order took \(read)"),
      (consensus.checkpointSize <= edge.size, "a checkpoint over \(consensus.checkpointSize) of \(edge.size) entries"),
    ]
    return expected.filter { !$0.0 }.map(\.1) + flaws(in: consensus)
  }

  /// Whether each checkpoint of which the place is kept is one of this log, in the stream that the node follows.
  func brokenPlacedCheckpoints() throws -> [String] {
    let kept = try reader.placedCheckpoints(limit: PlacedCheckpoint.maxCount + 1)
    if kept.count > PlacedCheckpoint.maxCount { return ["more than the \(PlacedCheckpoint.maxCount) that are kept"] }
    guard let end = try reader.enginePlace() else {
      return kept.isEmpty ? [] : ["places in a stream, and the node has followed none"]
    }
    return try kept.flatMap { checkpoint in
      let place = checkpoint.place
      let consensus = try ConsensusState(place.state)
      let expected: [(Bool, String)] = [
        (root(checkpoint.size) == checkpoint.root, "of another log than this one"),
        (consensus.checkpointSize == checkpoint.size, "the state of the order is at \(consensus.checkpointSize)"),
        (consensus.epoch == place.epoch, "the state of the order is of epoch \(consensus.epoch)"),
        (
          place.epoch == end.epoch && place.stream == end.stream && place.created == end.created,
          "in another stream than the node follows"
        ),
        ((1...max(end.sequence, 1)).contains(place.sequence), "at message \(place.sequence) of \(end.sequence)"),
        (place.stored.map { $0 > 0 } ?? false, "a message that was stored at \(place.stored ?? 0)"),
      ]
      return (expected.filter { !$0.0 }.map(\.1) + flaws(in: consensus)).map {
        "the place of the checkpoint over \(checkpoint.size) entries: \($0)"
      }
    }
  }

  /// What a state of the order cannot have.
  private func flaws(in consensus: ConsensusState) -> [String] {
    let nodes = directory.keys.values.filter { $0.roles.contains(.node) }
    let known = Set(nodes.map(\.memberID))
    let expected: [(Bool, String)] = [
      (known.isSuperset(of: consensus.clocks.keys), "the clock of a member that has no node"),
      (Set(nodes.map(\.id)).isSuperset(of: consensus.marks.keys), "marks of a key that is no node's"),
      (
        consensus.clocks.values.allSatisfy { (0...Instant.latest.microseconds).contains($0.microseconds) },
        "a clock beyond all times"
      ),
    ]
    return expected.filter { !$0.0 }.map(\.1)
  }

  /// Messages that the node has read at least: one for each entry of the epoch and each refusal, one mark of each key, and
  /// what opened the epoch; 0 where it is not known where the epoch began.
  private func leastRead(in place: EnginePlace, _ consensus: ConsensusState) throws -> UInt64 {
    let base: UInt64
    if let opening = openings.last, opening.epoch == place.epoch {
      base = try parse(opening).base.size
    } else if place.epoch == 1 {
      base = 1
    } else {
      return 0
    }
    let skips = try reader.skips().count { $0.epoch == place.epoch }
    let entries = edge.size > base ? edge.size - base : 0
    return entries + UInt64(skips + consensus.marks.count) + (place.epoch > 1 && place.sequence > 0 ? 1 : 0)
  }

  /// Whether each refusal lies within what was read, and says why in words that it can have.
  func brokenSkips() throws -> [String] {
    let skips = try reader.skips()
    let place = try reader.enginePlace().map { ($0.epoch, $0.sequence) } ?? (latestEpoch, .max)
    var broken = skips.compactMap { skip -> String? in
      let name = "message \(skip.sequence) of epoch \(skip.epoch)"
      guard skip.epoch > 0, skip.sequence > 0, (skip.epoch, skip.sequence) <= place else {
        return "\(name) was never read"
      }
      let isWord =
        skip.reason.utf8.first.map { (65...90).contains($0) } ?? false
        && skip.reason.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == 95 }
      guard isWord else { return "\(name) was refused for no reason that there is: \(skip.reason)" }
      return skip.message.count <= Self.skipMessageLength ? nil : "\(name): more words than are kept"
    }
    if skips.count > StoredSkip.maxCount {
      broken.append("\(skips.count) refusals; at most \(StoredSkip.maxCount) are kept")
    }
    return broken
  }
}
