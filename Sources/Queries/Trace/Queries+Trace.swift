package import Consortium
import Primitives
import Provenance
import Store
import Ledger
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
    let described = request.describe ? try await masterData(for: answer.names, scope, in: view) : []
    if answer.tellsOfNothingOrOfHidden || request.describe { await hold(since: asked, scope) }
    let builder = request.prove ? try await packBuilder(at: view.logSize, within: .stream) : nil
    let evidence = try await evidence(of: answer, by: builder)
    try await answer.give(
      question.summary(of: answer.trace, logSize: view.logSize), wholeEvents: request.includeEvents,
      described: described, to: emit)
    for part in evidence?.parts(ofBytes: TraceAnswer.partBytes) ?? [] {
      try await emit(.with { $0.evidence = part })
    }
    // As long as the pack is there, its memory is taken.
    withExtendedLifetime(builder) {}
  }

  /// The proofs of all that the answer rests on; nil where that is nothing.
  private func evidence(of answer: TraceAnswer, by builder: PackBuilder?) async throws(Failure)
    -> Cairn_V1_EvidencePack?
  {
    let places = (answer.trace.events + answer.consulted).map {
      RecordPlace(position: $0.place.position, index: $0.place.index)
    }
    guard let builder, !places.isEmpty else { return nil }
    do throws(Failure) {
      return try await builder.pack(of: places)
    } catch  where error.reason == "REDACTED" {
      throw Failure(
        .conflict, "ERASED_MEANWHILE", "a vote has erased an event of the answer since it was computed; ask again")
    }
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
}

extension TraceAnswer {
  /// See `Queries.hold`.
  fileprivate var tellsOfNothingOrOfHidden: Bool {
    trace.events.isEmpty || trace.stubs.contains { $0.reason == .forbidden }
  }
}
