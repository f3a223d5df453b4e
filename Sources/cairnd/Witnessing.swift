import Checkpoints
import Consortium
import Foundation
import Ledger
import Logging
import Primitives
import Queries
import Signing
import Store
import Wire
import Witnesses

/// What a node has to do with witnesses, by its `witness.yaml`: whom it asks, and whom it is one for.
struct Witnessing {
  let file: WitnessFile
  let cosignatures: Cosignatures
  private let directory: DataDirectory
  private let witness: Witness
  private let signer: CheckpointSigner
  private let logger: Logger

  /// Reads the file; without one there are no witnesses.
  init(_ directory: DataDirectory, view: LedgerView, logKey: PrivateKey, logger: Logger) throws(Failure) {
    let origin = Genesis.origin(name: view.directory.name, ledgerID: view.ledgerID)
    file = try Self.read(directory.witnessFile)
    try file.check(ownOrigin: origin)
    let member = view.directory.keys[logKey.publicKey.id].map { "/\($0.memberID)" } ?? ""
    let cosigner = try Cosigner(name: file.name ?? "\(origin)/witness\(member)", key: logKey)
    witness = Witness(cosigner: cosigner, logs: file.logs)
    cosignatures = Cosignatures(of: file.asked.map(\.witness), required: file.required)
    signer = try CheckpointSigner(origin: origin, logKey: logKey)
    self.directory = directory
    self.logger = logger
  }

  /// What others verify this node's cosignatures of their logs with.
  var verifierKey: VerifierKey { witness.verifierKey }

  /// Where other logs bring their checkpoints; nil where none is witnessed.
  func desk() throws(Failure) -> WitnessDesk? {
    guard !file.logs.isEmpty else { return nil }
    let folder = file.state.map { URL(filePath: $0, directoryHint: .isDirectory, relativeTo: directory.url) }
    let state = try WitnessState(folder ?? directory.witnessState, marker: directory.witnessMarker, of: witness)
    return WitnessDesk(witness, state: state, logger: logger) { .now }
  }

  /// Has this node's checkpoints cosigned; nil where nobody is asked. In a consortium only those that are final are shown to
  /// anybody: another might be taken back when an epoch ends.
  func asker(of queries: Queries, views: PublishedView, isConsortium: Bool) async -> WitnessAsker? {
    guard !file.asked.isEmpty else { return nil }
    let kept = KeptCosignatures(directory.cosigned, logger: logger)
    await kept.restore(to: cosignatures, of: queries)
    let log = WitnessAsker.Log(
      latest: { isConsortium ? views.current.certificate.flatMap(signed) : views.current.checkpoint },
      proof: { first, second throws(Failure) in try await queries.consistencyPath(from: first, to: second) },
      changes: { views.changes() })
    return WitnessAsker(file.asked, about: log, cosignatures: cosignatures, kept: kept, logger: logger) { .now }
  }

  /// A certificate below this node's own signature as the log: that of the member which the certificate has may be of a key
  /// that a witness does not know.
  private func signed(_ certificate: SignedCheckpoint) -> SignedCheckpoint? {
    guard let own = try? SignedNote(try signer.sign(size: certificate.size, root: certificate.root).note),
      let note = try? SignedNote(certificate.note)
    else { return nil }
    let signatures = own.signatures + note.signatures.filter { !own.signatures.contains($0) }
    return SignedCheckpoint(
      size: certificate.size, root: certificate.root,
      note: SignedNote(text: own.text, signatures: signatures).description)
  }

  private static func read(_ url: URL) throws(Failure) -> WitnessFile {
    guard FileManager.default.fileExists(atPath: url.path) else { return WitnessFile() }
    let bytes: Data
    do {
      bytes = try FileHandle(forReadingFrom: url).read(upToCount: WitnessFile.maxByteCount + 1) ?? Data()
    } catch { throw Failure(.notFound, "FILE_UNREADABLE", "cannot read \(url.path)") }
    do throws(Failure) { return try WitnessFile(yaml: Array(bytes)) } catch {
      throw Failure(error.kind, error.reason, "\(url.path): \(error.message)", violations: error.violations)
    }
  }
}
