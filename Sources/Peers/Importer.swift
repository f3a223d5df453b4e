import Consortium
import Merkle
import Foundation
import Ledger
import Primitives
import Store
import Wire

/// Verifies what one peer sends and writes it, group by group, as unproven.
actor Importer {
  /// A group is written when it has this many bytes, or entries.
  private static let groupBytes = 4 << 20
  private static let groupEntries = 1_024

  private let store: Store
  private let progress: @Sendable (UInt64) -> Void
  /// The state after what was taken.
  private(set) var state: LedgerState
  /// What was wrong with what the peer sent, if anything was.
  private(set) var fault: Failure?
  /// Whether this node's own disk or database failed.
  private(set) var hasFailedItself = false
  private var assembler = BatchAssembler()
  private var group: [AppliedBatch] = []
  private var claims: [StoredRedaction] = []
  private var groupBytes = 0

  /// Goes on where the log ends. `progress` is told the size that is on disk.
  init(store: Store, progress: @escaping @Sendable (UInt64) -> Void) async throws(Failure) {
    self.store = store
    self.progress = progress
    state = try await store.read { try $0.state() }
  }

  /// Entries that were taken.
  var size: UInt64 { state.edge.size }

  /// Verifies a message and takes it; fails with what is wrong, which `fault` then says too, or with what this node's disk
  /// says.
  func take(_ message: Cairn_V1_ListBatchesResponse, upTo end: UInt64) async throws(Failure) {
    for part in message.parts {
      try judging { () throws(Failure) in try take(part, upTo: end) }
      if groupBytes >= Self.groupBytes || group.count >= Self.groupEntries { try await flush() }
    }
  }

  /// Writes the rest; the peer was to send everything before `end`.
  func finish(at end: UInt64) async throws(Failure) {
    try await flush()
    try judging { () throws(Failure) in
      guard size == end, assembler.isEmpty else {
        throw Failure(.corrupt, "ENTRY_MISSING", "it ended there, though it has a checkpoint of \(end) entries")
      }
    }
  }

  private func take(_ part: Cairn_V1_BatchPart, upTo end: UInt64) throws(Failure) {
    guard size < end else {
      throw Failure(.corrupt, "ENTRY_OUT_OF_ORDER", "more was sent than was asked for")
    }
    guard let fetched = try assembler.add(part, at: size) else { return }
    let applied = try fetched.batch.apply(to: &state, isInLog: isInLog)
    group.append(applied)
    claims += fetched.claims
    groupBytes += applied.batch.byteCount + applied.entry.count
  }

  private func flush() async throws(Failure) {
    if group.isEmpty { return }
    let (group, claims) = (group, claims)
    self.group = []
    self.claims = []
    groupBytes = 0
    do throws(Failure) { try await store.append(unproven: group, claims: claims, root: state.edge.root) } catch {
      if error.reason == "FALSE_ERASURE" { fault = error } else { hasFailedItself = true }
      throw error
    }
    progress(size)
  }

  private func isInLog(_ redaction: Redaction) throws(Failure) -> Bool {
    let place = redaction.place
    if let batch = group.first(where: { $0.position == place.position })?.batch {
      return batch.recordIDs.indices.contains(Int(place.index))
        && batch.recordIDs[Int(place.index)] == redaction.recordID
    }
    return try store.readNow { try $0.recordID(at: place) } == redaction.recordID
  }

  private func judging(_ body: () throws(Failure) -> Void) throws(Failure) {
    do { try body() } catch {
      guard !error.isOfThisNode else {
        hasFailedItself = true
        throw error
      }
      let failure = Failure(.corrupt, error.reason, "log entry \(size): \(error.message)")
      fault = failure
      throw failure
    }
  }
}

extension Failure {
  /// Whether this node's own disk or database is what failed.
  fileprivate var isOfThisNode: Bool {
    kind == .unavailable || reason == "DATABASE_CORRUPT" || kind == .bug
  }
}
