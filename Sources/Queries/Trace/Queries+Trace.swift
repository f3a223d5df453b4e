package import Consortium
import Primitives
import Provenance
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// Where something came from and where it went, as far as the caller may know: handed on in parts of about 256 KiB.
  ///
  /// That there are events which are not open to the caller is told only of what it may read something of.
  package func trace(
    _ request: Cairn_V1_TraceRequest, by caller: Caller, emit: (Cairn_V1_TraceResponse) async throws -> Void
  ) async throws {
    let asked = ContinuousClock.now
    let question = try TraceQuestion(request)
    let view = try view(atLeast: request.minimumLogSize)
    let scope = scope(of: caller, in: view)
    var answer = try await answer(to: question, in: view, scope)
    if answer.tellsOfNothingOrOfHidden { await hold(since: asked, scope) }
    try await answer.give(
      question.summary(of: answer.trace, logSize: view.logSize), wholeEvents: request.includeEvents, to: emit)
  }

  /// Whatever was only needed to find the answer is gone when it is given.
  private func answer(
    to question: TraceQuestion, in view: LedgerView, _ scope: ReadingScope
  ) async throws -> TraceAnswer {
    var source = eventSource(in: view, scope)
    let trace = try await Trace.following(question, in: &source)
    return TraceAnswer(trace, from: source)
  }

  /// The view's events as the caller may read them.
  func eventSource(in view: LedgerView, _ scope: ReadingScope) -> LedgerEventSource {
    LedgerEventSource(store: store, index: index, view: view, scope: scope, loan: allowance.loan())
  }

  /// A time in a request; malformed TIME_OUT_OF_RANGE.
  static func moment(_ bound: Cairn_V1_TimeBound?, _ field: String) throws(Failure) -> Instant? {
    guard let bound else { return nil }
    let instant = Instant(microseconds: bound.microseconds)
    guard instant.isWithinCalendar else {
      throw .malformed(
        "TIME_OUT_OF_RANGE", field: "\(field).microseconds", "\(bound.microseconds); year 1 to 9999 expected")
    }
    return instant
  }
}

extension TraceAnswer {
  /// See `Queries.hold`.
  fileprivate var tellsOfNothingOrOfHidden: Bool {
    trace.events.isEmpty || trace.stubs.contains { $0.reason == .forbidden }
  }
}
