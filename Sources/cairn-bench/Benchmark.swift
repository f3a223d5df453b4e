import Foundation

/// The whole run, phase by phase.
struct Benchmark: Sendable {
  let directory: URL
  let cairnd: URL
  let storageLimit: URL
  let rounds: Int

  private static let limitRecords = 100_000
  private static let limitRows = 300_000
  private static let warmup = 5_000
  /// Keys that are registered at once.
  private static let manyKeys = 10_000
  /// The smallest ledger in which enough items have all their events.
  private static let smallEvents = 50_000
  /// How many events are in the ledger when the filling is interrupted for questions; others are asked when it is full, and when
  /// all rounds have been written to it.
  private static let milestones = [500_000, 1_000_000]

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
    figures.answers = try await onFreshLedger(events: Self.smallEvents) { subject in
      _ = try await subject.measure(.fill, events: Self.smallEvents)
      return [try await Questions(about: subject).ask()]
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
    try await fill(&subject, &figures)
    figures.full = Load.all.map { Figures.Measured(load: $0) }
    for round in 1...rounds {
      CairnBench.note("round \(round) of \(rounds) on the full ledger")
      for index in figures.full.indices {
        figures.full[index].windows.append(try await subject.measure(figures.full[index].load))
      }
    }
    figures.answers.append(try await Questions(about: subject).ask())
    figures.diskBytesPerEvent = subject.diskBytesPerEvent
    let usage = try subject.server.usage
    figures.memory = .init(
      peak: usage.peakBytes, resident: usage.residentBytes, anonymous: usage.anonymousBytes, file: usage.fileBytes)
    return figures
  }

  /// The server's CPU is taken from beginning to end, but for the questions, so that the index's own work is in it.
  private func fill(_ subject: inout Subject, _ figures: inout Figures) async throws {
    var cpu = -(try subject.server.usage.cpuSeconds)
    var (sent, sending) = (0, 0.0)
    while sent < figures.events {
      let window = min(Load.fill.window, figures.events - sent)
      sending += Double(window) / (try await subject.measure(.fill, events: window)).rate
      sent += window
      if sent % 1_000_000 == 0 { CairnBench.note("\(sent) events sent in \(Int(sending)) s") }
      if Self.milestones.contains(sent) || sent == figures.events {
        cpu += try subject.server.usage.cpuSeconds
        figures.answers.append(try await Questions(about: subject).ask())
        cpu -= try subject.server.usage.cpuSeconds
      }
    }
    cpu += try subject.server.usage.cpuSeconds
    let microseconds = cpu * 1e6 / Double(figures.events)
    figures.fill = Figures.Measured(
      load: .fill,
      windows: [.init(rate: Double(sent) / sending, serverMicroseconds: microseconds, clientMicroseconds: 0)])
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
    return try await Connection.with(server.endpoints(Subject.connectionCount)) { connections in
      var subject = try await Subject(server, connections, events: events)
      return try await body(&subject)
    }
  }
}
