import Checkpoints
import Consensus
import Foundation
import Ledger
import Merkle
import Ordering
import Primitives
import Signing
import Store
import SwiftProtobuf
import Wire

/// Members that found one ledger, each with a node of its own and a device.
struct TestConsortium {
  static let start = Instant(microseconds: 1_790_000_000_000_000)
  static let salt = Data("sixteen bytes ..".utf8)

  let folder = FileManager.default.temporaryDirectory.appending(path: "cairn-shared-\(UUID().uuidString)")
  let engine = MemoryEngine()
  let founder: PrivateKey
  let nodeKeys: [PrivateKey]
  private let genesis: Cairn_V1_Batch

  init(members: Int) throws {
    founder = try PrivateKey.generate(.ed25519)
    nodeKeys = try (0..<members).map { _ in try PrivateKey.generate(.ed25519) }
    var terms = Genesis.alone(
      name: "quay", memberID: "member-0", admin: founder.publicKey, logKey: nodeKeys[0].publicKey)
    terms.keys[0].roles = [.admin, .operator]
    for number in 1..<members {
      terms.members.append(terms.members[0])
      terms.members[number].id = "member-\(number)"
      terms.members[number].legalName = "Member \(number)"
      terms.keys.append(terms.keys[1])
      terms.keys[number + 1].memberID = "member-\(number)"
      terms.keys[number + 1].publicKey = Data(nodeKeys[number].publicKey.subjectPublicKeyInfo)
    }
    terms.thresholds.votes = 1
    genesis = try Genesis.batch(terms, founder: founder, salt: Self.salt, createdAt: Self.start)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// What the founder sends next.
  func author() throws -> BatchBuilder {
    let (state, first) = try founded()
    return BatchBuilder(
      key: founder, ledgerID: state.ledgerID,
      chain: AuthorChain(nextSequence: 2, lastDigest: first.batch.header.digest))
  }

  func founded() throws -> (LedgerState, AppliedBatch) {
    let (admitted, terms) = try Admission.admitGenesis(genesis)
    return try LedgerState.found(admitted, terms)
  }

  /// Tells everybody a member's cosignature over a log that nobody has.
  func signAnotherLog(as number: Int, size: UInt64) throws {
    let ledgerID = try founded().0.ledgerID
    let origin = Genesis.origin(name: "quay", ledgerID: ledgerID)
    let name = CosignerNode.name(origin: origin, member: try MemberID.numbered(number))
    let text = try Checkpoint(origin: origin, size: size, root: ledgerID).description
    let line = try Cosignature.make(over: text, at: Self.start, by: Cosigner(name: name, key: nodeKeys[number]))
    try engine.broadcast(Data(SignedNote(text: text, signatures: [line]).description.utf8), to: "cosign")
  }

  static func sighting(_ number: Int) throws -> Data {
    let event = Cairn_V1_Event.with {
      $0.type = .object
      $0.action = .observe
      $0.eventTime.microseconds = start.microseconds
      $0.epcList.items = ["https://id.gs1.org/01/09521321000018/21/\(number)"]
    }
    return try BatchBuilder.serialize(Cairn_V1_Record(event: event, salt: salt))
  }
}

/// One member's node, running.
final class ConsortiumNode: Sendable {
  let number: Int
  let directory: DataDirectory
  let cosigner: URL
  let store: Store
  let views: PublishedView
  let orderer: Orderer
  private let running: Task<Void, any Error>

  /// Opens the node's directory, or makes it, and begins to follow the engine. What the engine has forgotten comes from
  /// `source`.
  init(_ consortium: TestConsortium, _ number: Int, source: ConsortiumNode? = nil) throws {
    self.number = number
    directory = DataDirectory(consortium.folder.appending(path: "node-\(number)").path)
    cosigner = consortium.folder.appending(path: "cosigner-\(number)", directoryHint: .isDirectory)
    let key = consortium.nodeKeys[number]
    let (state, first) = try consortium.founded()
    let origin = Genesis.origin(name: "quay", ledgerID: state.ledgerID)
    let signer = try CheckpointSigner(origin: origin, logKey: key)
    let isNew = !FileManager.default.fileExists(atPath: directory.ledger.path)
    if isNew { try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true) }
    let store = try Self.store(directory, create: isNew)
    self.store = store
    if isNew { try store.appendNow([first], checkpoint: try signer.sign(size: 1, root: state.edge.root)) }
    views = PublishedView(try store.readNow { try $0.view() })
    let member = try MemberID.numbered(number)
    let promises: Result<LastSignedStore, Failure>
    do throws(Failure) {
      promises = .success(try LastSignedStore(cosigner, key: key.publicKey.id, store: store))
    } catch { promises = .failure(error) }
    orderer = Orderer(
      store: store, index: try store.openIndex(), views: views, signer: signer, engine: consortium.engine,
      seat: ConsortiumSeat(
        member: member, key: key,
        cosigner: try Cosigner(name: CosignerNode.name(origin: origin, member: member), key: key),
        promises: promises, replicas: 3, maxAgeSeconds: 0, fetch: source.map { Self.fetch(from: $0, into: store) }),
      report: { _ in }
    ) { TestConsortium.start }
    running = Task { [orderer] in try await orderer.run() }
  }

  /// Opens the directory. What read it last may hold it for a moment more.
  private static func store(_ directory: DataDirectory, create: Bool) throws -> Store {
    for _ in 0..<100_000 {
      do throws(Failure) { return try Store(directory, create: create) } catch {
        guard error.reason == "DATA_DIRECTORY_LOCKED" else { throw error }
        sched_yield()
      }
    }
    return try Store(directory, create: create)
  }

  /// Copies another node's log up to its certificate, and takes its place there.
  private static func fetch(from source: ConsortiumNode, into store: Store) -> LogFetch {
    { terms async throws(Failure) in
      try await store.beginCatchUp()
      guard let placed = try await source.orderer.placedCheckpoint(size: 0),
        let certificate = source.views.current.certificate, certificate.size == placed.size
      else { throw Failure(.unavailable, "PLACE_UNKNOWN", "none yet") }
      terms.progress("copying")
      var state = try await store.read { try $0.state() }
      let start = state.edge.size
      let batches = try await source.store.read { reader in
        try reader.entries(from: start, limit: 1_000).filter { $0.position < placed.size }.map { entry in
          LoggedBatch(entry: entry.bytes, records: try reader.records(of: entry), erased: [:])
        }
      }
      var applied: [AppliedBatch] = []
      for batch in batches { applied.append(try batch.apply(to: &state) { _ in true }) }
      try await store.append(unproven: applied, claims: [], root: state.edge.root)
      let course = ProvenCourse(certificate: certificate, place: placed.place)
      try terms.erase(try await store.prove(try terms.sign(state), following: course, isComplete: true))
    }
  }

  /// Ends once what was taken is answered.
  func stop() async throws {
    orderer.close()
    try await running.value
  }

  /// Waits until the node's status is as wanted; after some minutes it goes on, and what is expected then tells.
  func until(_ isWanted: (NodeStatus) -> Bool) async throws -> NodeStatus? {
    for _ in 0..<15_000 {
      if let status = orderer.status, isWanted(status) { return status }
      try await ContinuousClock().sleep(for: .milliseconds(20))
    }
    return orderer.status
  }
}
