import Foundation
import SwiftProtobuf
import Wire
import WireRPC

/// The whole run, phase by phase.
struct Benchmark: Sendable {
  let directory: URL
  let cairnd: URL
  let storageLimit: URL
  let rounds: Int

  private static let limitRecords = 100_000
  private static let limitRows = 300_000
  private static let warmup = 5_000
  private static let queries = 2_000
  /// Keys that are registered at once.
  private static let manyKeys = 10_000
  /// The smallest ledger in which as many items have all their events.
  static let smallEvents = 50_000

  /// Measures everything; `events` are in the ledger when it counts as full.
  func run(events: Int, on machine: Machine) async throws -> Figures {
    var figures = Figures(machine: machine, events: events)
    let records = directory.appending(path: "records")
    figures.recordBytes = try StorageLimit.prepare(records, count: Self.limitRecords)
    figures.empty = Load.all.map { Figures.Measured(load: $0) }
    let limit = StorageLimit(program: storageLimit, records: records, count: Self.limitRows)
    for round in 1...rounds {
      CairnBench.note("round \(round) of \(rounds): SQLite alone, then a fresh ledger")
      figures.storageLimit.append(try limit.measure())
      figures.empty = try await onFreshLedger(events: events) { [empty = figures.empty] subject in
        var empty = empty
        _ = try await subject.measure(.stream1000, events: Self.warmup)
        for index in empty.indices { empty[index].windows.append(try await subject.measure(empty[index].load)) }
        return empty
      }
    }
    figures.audience = try await onFreshLedger(events: events) { [rounds] subject in
      try await Audience.measure(&subject, rounds: rounds)
    }
    figures.enrolment = try await onFreshLedger(events: events) { subject in try await measureEnrolment(&subject) }
    CairnBench.note("asking about \(Self.queries) items of a ledger of \(Self.smallEvents) events")
    figures.small = try await onFreshLedger(events: Self.smallEvents) { subject in
      _ = try await subject.measure(.fill, events: Self.smallEvents)
      return try await ask(subject)
    }
    return try await onFreshLedger(events: events) { [figures] subject in
      try await measureFull(&subject, figures)
    }
  }

  /// What it costs that many keys are registered: the same load from a few keys, then from very many.
  private func measureEnrolment(_ subject: inout Subject) async throws -> Figures.Enrolment {
    CairnBench.note("\(rounds) rounds with \(Subject.keyCount) keys, then with \(Self.manyKeys)")
    _ = try await subject.measure(.stream1000, events: Self.warmup)
    var (few, many) = (Figures.Measured(load: .stream1000), Figures.Measured(load: .stream1000))
    for _ in 1...rounds { few.windows.append(try await subject.measure(few.load)) }
    let seconds = try await subject.enrol(Self.manyKeys)
    for _ in 1...rounds { many.windows.append(try await subject.measure(many.load)) }
    return .init(keys: Self.manyKeys, seconds: seconds, few: few, many: many)
  }

  private func measureFull(_ subject: inout Subject, _ figures: Figures) async throws -> Figures {
    var figures = figures
    figures.fill = try await fill(&subject, events: figures.events)
    figures.full = Load.all.map { Figures.Measured(load: $0) }
    for round in 1...rounds {
      CairnBench.note("round \(round) of \(rounds) on the full ledger")
      for index in figures.full.indices {
        figures.full[index].windows.append(try await subject.measure(figures.full[index].load))
      }
    }
    CairnBench.note("asking about \(Self.queries) items")
    figures.large = try await ask(subject)
    figures.diskBytesPerEvent = subject.diskBytesPerEvent
    let usage = try subject.server.usage
    figures.memory = .init(
      peak: usage.peakBytes, resident: usage.residentBytes, anonymous: usage.anonymousBytes, file: usage.fileBytes)
    return figures
  }

  /// The server's CPU is taken from beginning to end, so that the index's own work is in it.
  private func fill(_ subject: inout Subject, events: Int) async throws -> Figures.Measured {
    var fill = Figures.Measured(load: .fill)
    let (cpu, start) = (try subject.server.usage.cpuSeconds, ContinuousClock.now)
    var sent = 0
    var sending = 0.0
    while sent < events {
      let window = min(Load.fill.window, events - sent)
      sending += Double(window) / (try await subject.measure(.fill, events: window)).rate
      sent += window
      if sent % 1_000_000 == 0 || sent == events {
        CairnBench.note("\(sent) events in the ledger after \((ContinuousClock.now - start).components.seconds) s")
      }
    }
    let microseconds = (try subject.server.usage.cpuSeconds - cpu) * 1e6 / Double(events)
    fill.windows = [.init(rate: Double(events) / sending, serverMicroseconds: microseconds, clientMicroseconds: 0)]
    return fill
  }

  private func ask(_ subject: Subject) async throws -> Figures.Answers {
    let connection = subject.connections[0]
    var (history, evidence, inclusion): ([Latency], [Latency], [Latency]) = ([], [], [])
    var random = SplitMix64(seed: 2)
    for item in subject.items.shuffled(using: &random).prefix(Self.queries) {
      let (answer, time) = try await connection.timed(
        Cairn_V1_ProvenanceService.Method.ListItemHistory.descriptor,
        Cairn_V1_ListItemHistoryRequest.with { $0.item = item }, as: Cairn_V1_ListItemHistoryResponse.self)
      guard answer.events.count == 10 else { throw BenchError("\(item) has \(answer.events.count) events, not 10") }
      history.append(time)
      let event = answer.events[random.number(below: 10)]
      evidence.append(
        try await connection.timed(
          Cairn_V1_AuditService.Method.GetEvidence.descriptor,
          Cairn_V1_GetEvidenceRequest.with { $0.recordID = event.recordID }, as: Cairn_V1_GetEvidenceResponse.self
        ).1)
      inclusion.append(
        try await connection.timed(
          Cairn_V1_AuditService.Method.GetInclusionProof.descriptor,
          Cairn_V1_GetInclusionProofRequest.with { $0.position = event.position },
          as: Cairn_V1_GetInclusionProofResponse.self
        ).1)
    }
    return .init(history: .init(history), evidence: .init(evidence), inclusion: .init(inclusion))
  }

  private func onFreshLedger<Value: Sendable>(
    events: Int, _ body: @Sendable (inout Subject) async throws -> Value
  ) async throws -> Value {
    let ledger = directory.appending(path: "ledger")
    let server = try await ServerProcess(cairnd, directory: ledger, log: directory.appending(path: "server.log"))
    defer {
      server.stop()
      try? FileManager.default.removeItem(at: ledger)
    }
    return try await Connection.with(Subject.connectionCount, to: server) { connections in
      var subject = try await Subject(server, connections, events: events)
      return try await body(&subject)
    }
  }
}
