package import Consortium
package import FoundationEssentials
import Ledger
package import Primitives
package import Signing
import SwiftProtobuf
package import Wire

/// Where the order stood when the log had reached a checkpoint and had not grown beyond it, which the log itself does not say.
package struct OrderPlace: Hashable, Sendable {
  /// The ledger.
  package let ledgerID: Digest
  /// The epoch of the stream, from 1.
  package let epoch: UInt64
  /// The checkpoint.
  package let log: LogPoint
  /// The stream's name.
  package let stream: String
  /// When the stream was made, nanoseconds since 1970-01-01T00:00:00Z by the engine's clock. Servers that two nodes ask at once to
  /// make it may tell them different times; what was stored when is the same for all.
  package private(set) var created: Int64
  /// The last message that is in the state, from 1.
  package let sequence: UInt64
  /// When the engine stored that message, nanoseconds by its clock.
  package let stored: Int64
  /// SHA-256 of the serialized `ConsensusState` after that message.
  package let stateHash: Digest

  /// The place after the message `sequence`, with that serialized state.
  package init(
    ledgerID: Digest, epoch: UInt64, log: LogPoint, stream: String, created: Int64, sequence: UInt64, stored: Int64,
    state: Data
  ) {
    self.ledgerID = ledgerID
    self.epoch = epoch
    self.log = log
    self.stream = stream
    self.created = created
    self.sequence = sequence
    self.stored = stored
    stateHash = SHA256.hash(state)
  }

  /// Parses the bytes that were signed.
  package init(_ bytes: Data) throws(Failure) {
    let wire: Cairn_V1_OrderPlace
    do { wire = try Cairn_V1_OrderPlace(serializedBytes: bytes) } catch {
      throw .malformed("MALFORMED_PROTOBUF", field: "", "not a serialized cairn.v1.OrderPlace")
    }
    ledgerID = try Field.digest(wire.ledgerID, "ledger_id")
    epoch = try Field.count(wire.epoch, "epoch")
    log = LogPoint(size: try Field.count(wire.size, "size"), root: try Field.digest(wire.root, "root"))
    stream = wire.stream
    guard (1...EngineLimits.streamNameBytes).contains(stream.utf8.count) else {
      throw .malformed(
        "STREAM_NAME", field: "stream", "\(stream.utf8.count) bytes; 1 to \(EngineLimits.streamNameBytes) expected")
    }
    created = wire.streamCreatedNanoseconds
    sequence = try Field.count(wire.streamSequence, "stream_sequence")
    stored = wire.storedNanoseconds
    stateHash = try Field.digest(wire.orderStateHash, "order_state_hash")
  }

  private var wire: Cairn_V1_OrderPlace {
    .with {
      $0.ledgerID = Data(ledgerID.bytes)
      $0.epoch = epoch
      $0.size = log.size
      $0.root = Data(log.root.bytes)
      $0.stream = stream
      $0.streamCreatedNanoseconds = created
      $0.streamSequence = sequence
      $0.storedNanoseconds = stored
      $0.orderStateHash = Data(stateHash.bytes)
    }
  }

  /// What is the same for all who read the same messages.
  fileprivate var messages: OrderPlace {
    var place = self
    place.created = 0
    return place
  }

  /// The place signed with the node's key; `state` is what was hashed.
  package func signed(by key: PrivateKey, state: Data) throws(Failure) -> SignedPlace {
    SignedPlace(
      place: self, state: state, signature: try NodeSignature(.place, try BatchBuilder.serialize(wire), by: key))
  }
}

/// A place in the order and the state there, with a signature that is not checked yet.
package struct SignedPlace: Hashable, Sendable {
  /// What it says.
  package let place: OrderPlace
  /// The serialized `ConsensusState` whose hash the place says.
  package let state: Data
  private let signature: NodeSignature

  fileprivate init(place: OrderPlace, state: Data, signature: NodeSignature) {
    self.place = place
    self.state = state
    self.signature = signature
  }

  /// Parses a place from outside; field paths start at the message. Fails with corrupt WRONG_STATE where the state is another
  /// than the place says, MALFORMED_STATE where it is none.
  package init(_ wire: Cairn_V1_GetConsensusStateResponse) throws(Failure) {
    let bytes = try Field.signed(wire.place, "place")
    do { place = try OrderPlace(bytes) } catch { throw error.under("place") }
    signature = try NodeSignature(.place, bytes, keyID: wire.keyID, wire.signature)
    state = wire.orderState
    let parsed = try ConsensusState(state)
    guard SHA256.hash(state) == place.stateHash, parsed.epoch == place.epoch, parsed.checkpointSize == place.log.size
    else {
      throw Failure(.corrupt, "WRONG_STATE", "order_state: not the state of the order that the place names")
    }
  }

  /// The place as a message.
  package var wire: Cairn_V1_GetConsensusStateResponse {
    .with {
      $0.place = signature.bytes
      $0.keyID = Data(signature.keyID.digest.bytes)
      $0.signature = signature.wire
      $0.orderState = state
    }
  }

  /// The member whose node signed, if its key is one of the `signers`; nil where the signature is not right.
  fileprivate func member(_ directory: Directory, _ signers: Signers) -> MemberID? {
    guard let key = try? signature.verified(by: directory) else { return nil }
    return signers.members[key.id]
  }
}

extension SignedPlace {
  /// How many members must say the same place: one more than may lie, so that an honest one is among them.
  package static func needed(of signers: Signers) -> Int { signers.mayLie + 1 }

  /// The place that enough members' nodes name for a log that is proven, where `directory` and `signers` are what that log
  /// says at its end; nil where too few agree, or as many on another place. Each member counts once for a place, whatever
  /// number of keys or addresses it has.
  package static func agreed(
    _ answers: [SignedPlace], on log: LogPoint, ledgerID: Digest, directory: Directory, signers: Signers
  ) -> SignedPlace? {
    var members: [OrderPlace: Set<MemberID>] = [:]
    for answer in answers where answer.place.log == log && answer.place.ledgerID == ledgerID {
      if let member = answer.member(directory, signers) { members[answer.place, default: []].insert(member) }
    }
    let alike = Dictionary(grouping: members, by: \.key.messages)
      .mapValues { (count: Set($0.flatMap(\.value)).count, places: $0) }
    let most = alike.values.map(\.count).max() ?? 0
    let chosen = alike.values.filter { $0.count == most }
    guard most >= needed(of: signers), chosen.count == 1, let places = chosen.first?.places else { return nil }
    // Of the times that they know the stream by, what most say.
    let place = places.max { ($0.value.count, $1.key.created) < ($1.value.count, $0.key.created) }?.key
    return answers.first { $0.place == place }
  }
}
