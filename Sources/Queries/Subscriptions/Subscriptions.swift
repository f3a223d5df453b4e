import Consortium
package import Primitives
package import Store
import Synchronization
import Wire

/// Events as they are recorded, for members who must not miss one: at least once, in ledger order, from a cursor on disk.
///
/// Nothing is done for each subscription when something is recorded. One task does all the reading, piece by piece: it
/// looks at new records once for everybody who has caught up, and searches with the index for those who have not; after
/// each piece it rests in proportion to what is being recorded (`Pace`). So thousands of subscriptions cost the
/// intake a bounded share of the machine, and a busy node delivers later rather than records less.
package final class Subscriptions: Sendable {
  /// Between two looks for cursors that may move on because nothing has matched.
  static let idleInterval = Duration.seconds(60)

  let queries: Queries
  let store: SubscriptionStore
  let acknowledgements: Acknowledgements
  let switchboard: Mutex<Switchboard>
  private let recent: RecentBatches
  private let (work, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

  /// The subscriptions in `store`. `recent` is told by the writer of what it has recorded.
  package init(queries: Queries, store: SubscriptionStore, recent: RecentBatches) {
    self.queries = queries
    self.store = store
    self.recent = recent
    acknowledgements = Acknowledgements(store)
    switchboard = Mutex(Switchboard(.init(queries.views.current)))
  }

  /// Those who receive, and the records that are still to be looked at for those who have caught up.
  package var figures: (receivers: Int, lagRecords: UInt64) {
    let recordCount = queries.views.current.recordCount
    let (count, reached) = switchboard.withLock { ($0.receivers.count, $0.slowest(behind: recordCount)) }
    return (count, recordCount - min(recordCount, reached))
  }

  /// Delivers and keeps cursors until cancelled. Once only; `onFailure` hears of what could not be written or read.
  package func run(
    clock: some Clock<Duration> = ContinuousClock(), onFailure: @escaping @Sendable (Failure) -> Void
  ) async {
    await withTaskGroup { group in
      group.addTask { await self.acknowledgements.run(clock: clock, onFailure) }
      group.addTask {
        for await _ in self.queries.views.changes() { self.signal.yield() }
      }
      group.addTask {
        while (try? await clock.sleep(for: Self.idleInterval)) != nil { self.moveIdleCursors() }
      }
      group.addTask { await self.deliver(clock: clock, onFailure) }
    }
  }

  /// Writes the last cursors; to be called when `run` has returned.
  package func close() async -> Failure? {
    moveIdleCursors()
    return await acknowledgements.close()
  }

  /// Says that there may be something to do.
  func wake() { signal.yield() }

  /// Moves the cursors of those for whom there was nothing, so that it need not be looked at again.
  func moveIdleCursors() { acknowledgements.advance(switchboard.withLock { $0.idle() }) }

  private func deliver(clock: some Clock<Duration>, _ onFailure: @Sendable (Failure) -> Void) async {
    let start = clock.now
    var pace = Pace(recordCount: queries.views.current.recordCount)
    for await _ in work {
      while !Task.isCancelled {
        let began = clock.now
        guard await step(onFailure) else { break }
        let rest = pace.rest(
          after: began.duration(to: clock.now), at: start.duration(to: clock.now),
          recordCount: queries.views.current.recordCount)
        if rest > .zero { try? await clock.sleep(for: rest) } else { await Task.yield() }
      }
    }
  }

  /// Does one piece of work; false when there is none.
  func step(_ onFailure: @Sendable (Failure) -> Void) async -> Bool {
    let view = queries.views.current
    defer { tidy(view) }
    guard let job = switchboard.withLock({ $0.nextJob(.init(view)) }) else { return false }
    switch job {
    case .advance(let way, let reached): await advance(way, from: reached, in: view, onFailure)
    case .search(let search): await look(search, in: view)
    }
    return true
  }

  /// Keeps no batch that nobody will look at.
  private func tidy(_ view: LedgerView) {
    let (isWanted, reached) = switchboard.withLock { ($0.hasFollowers, $0.slowest(behind: view.recordCount)) }
    recent.want(isWanted)
    recent.release(below: reached)
  }

  private func advance(
    _ way: Switchboard.Way, from reached: UInt64, in view: LedgerView, _ onFailure: @Sendable (Failure) -> Void
  ) async {
    let end = Switchboard.LogEnd(view)
    var reader = CommonReader(switchboard.withLock { $0.routes }, from: reached)
    do throws(Failure) {
      switch way {
      case .keys:
        guard reader.followKeys(recent, end: end.recordCount) else {
          return switchboard.withLock { $0.scatter(way, in: end) }
        }
      case .records:
        if !reader.followRecords(recent, end: end.recordCount) {
          let begun = reader
          reader = try await queries.store.read { disk in
            var reader = begun
            try reader.followRecords(disk, end: end.recordCount)
            return reader
          }
        }
      }
      let (reached, hits) = (reader.reached, reader.hits)
      switchboard.withLock { $0.advanced(way, to: reached, in: end, hits: hits) }
    } catch {
      guard !Task.isCancelled else { return }
      onFailure(error)
      switchboard.withLock { $0.scatter(way, in: end) }
    }
  }

  private func look(_ search: Switchboard.Search, in view: LedgerView) async {
    let descriptions = queries.descriptions(queries.scope(of: search.caller, in: view), at: queries.now())
    do throws(Failure) {
      let (page, through) = try await queries.store.read { reader in
        var look = SubscriptionSearch(search, reader: reader, descriptions: descriptions, end: view.recordCount)
        let through = try look.run(search.phase, end: search.end)
        return (look.page, through)
      }
      let delivery = switchboard.withLock { $0.found(search, page, through: through, logSize: view.logSize) }
      if let delivery { delivery.output.yield(delivery.message) }
    } catch {
      switchboard.withLock { $0.detach(search.id) }?.output.finish(throwing: error)
    }
  }
}

extension Switchboard.LogEnd {
  init(_ view: LedgerView) { self.init(logSize: view.logSize, recordCount: view.recordCount) }
}
