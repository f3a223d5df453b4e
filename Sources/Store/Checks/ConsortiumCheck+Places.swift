import Consensus

extension ConsortiumCheck {
  /// Whether each place is one of this log in the stream that is followed, and its state one that was there.
  func brokenPlaces() throws -> [String] {
    let placed = try reader.placedCheckpoints()
    if placed.count > PlacedCheckpoint.maxCount { return ["more than the \(PlacedCheckpoint.maxCount) that are kept"] }
    let now = try reader.enginePlace()
    return try placed.compactMap { checkpoint in
      let (place, name) = (checkpoint.place, "the place at message \(checkpoint.place.sequence)")
      guard let now, place.epoch == now.epoch, place.stream == now.stream, place.created == now.created else {
        return "\(name) is in another stream than the one that is followed"
      }
      guard place.sequence > 0, place.sequence <= now.sequence else { return "\(name) was never read" }
      guard root(checkpoint.size) == checkpoint.root else {
        return "\(name) is of \(checkpoint.size) entries with the root \(checkpoint.root), which the log does not have"
      }
      let state = try ConsensusState(place.state)
      guard state.epoch == place.epoch, state.checkpointSize == checkpoint.size else {
        return "\(name) has a state of another checkpoint"
      }
      return nil
    }
  }
}
