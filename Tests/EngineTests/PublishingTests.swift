import Foundation
import Primitives
import Testing

@testable import Engine

@Suite(.oneServer) struct PublishingTests {
  let engine: TestEngine

  init() throws { engine = try #require(OneServer.engine) }

  @Test func messagesOfOneTaskKeepTheirOrder() async throws {
    let alpha = try await engine.connect("alpha").engine
    let terms = StreamTerms.test("order")
    #expect(try await alpha.ensureStream(terms).lastSequence == 0)
    let receipts = try (0..<500).map { number in
      try alpha.send(Data("\(number)".utf8), to: terms.subject("batch", "alpha"), id: nil, stream: terms.name)
    }
    for (number, receipt) in receipts.enumerated() {
      #expect(try await receipt.sequence() == UInt64(number) + 1)
    }
  }

  @Test func anIdIsRecordedOnce() async throws {
    let alpha = try await engine.connect("alpha").engine
    let terms = StreamTerms.test("once")
    _ = try await alpha.ensureStream(terms)
    let subject = terms.subject("batch", "alpha")
    #expect(try await alpha.publish(Data("1".utf8), to: subject, id: "x", stream: terms.name) == 1)
    #expect(try await alpha.publish(Data("2".utf8), to: subject, id: "y", stream: terms.name) == 2)
    #expect(try await alpha.publish(Data("1".utf8), to: subject, id: "x", stream: terms.name) == 1)
    #expect(try await alpha.streamInfo(terms.name).lastSequence == 2)
  }

  @Test func aMemberPublishesOnItsOwnSubjectsOnly() async throws {
    let alpha = try await engine.connect("alpha").engine
    let gamma = try await engine.connect("gamma.x").engine
    let terms = StreamTerms.test("own")
    _ = try await alpha.ensureStream(terms)
    let body = Data("x".utf8)
    #expect(try await gamma.publish(body, to: terms.subject("mark", "gamma_x"), id: nil, stream: terms.name) == 1)
    for (kind, member) in [("batch", "alpha"), ("mark", "beta"), ("batch", "nobody"), ("other", "gamma_x")] {
      let failure = await #expect(throws: Failure.self) {
        try await gamma.publish(body, to: terms.subject(kind, member), id: nil, stream: terms.name)
      }
      #expect(failure?.reason == "ENGINE_REFUSED", "\(kind) \(member)")
    }
    #expect(try await gamma.streamInfo(terms.name).lastSequence == 1)
  }

  @Test(arguments: ["STREAM.DELETE", "STREAM.PURGE", "STREAM.UPDATE", "STREAM.MSG.DELETE", "STREAM.SNAPSHOT"])
  func aMemberDeletesNothing(request: String) async throws {
    let alpha = try await engine.connect("alpha").engine
    let terms = StreamTerms.test("keep")
    let made = try await alpha.ensureStream(terms)
    for api in ["ENGINE.API", "$JS.API"] {
      let reply = try alpha.core.request(Data(), to: "\(api).\(request).\(terms.name)")
      let failure = await #expect(throws: Failure.self) { try await reply.value() }
      #expect(failure?.reason == "ENGINE_REFUSED", "\(api)")
    }
    #expect(try await alpha.streamInfo(terms.name).created == made.created)
  }

  @Test func theOwnerHimselfCannotPurge() async throws {
    let terms = StreamTerms.test("purge")
    let owner = try await engine.connect("owner").engine
    _ = try await owner.ensureStream(terms)
    struct Answer: Decodable { var error: EngineAPI.Refusal? }
    let answer: Answer = try await owner.core.ask("STREAM.PURGE.\(terms.name)")
    #expect(answer.error != nil)
  }

  @Test func otherTermsAreRefused() async throws {
    let alpha = try await engine.connect("alpha").engine
    let terms = StreamTerms.test("terms")
    let made = try await alpha.ensureStream(terms)
    #expect(try await alpha.ensureStream(terms).created == made.created)
    try await alpha.requireTerms(terms)
    var others = terms
    others.maxAgeSeconds = 3600
    for refused in [
      await #expect(throws: Failure.self) { try await alpha.ensureStream(others) },
      await #expect(throws: Failure.self) { try await alpha.requireTerms(others) },
    ] {
      #expect(refused?.reason == "ENGINE_TERMS")
      #expect(refused?.message.contains("max_age") == true)
    }
    others.name = "CAIRN_missing_1"
    try await alpha.requireTerms(others)
    let missing = await #expect(throws: Failure.self) { try await alpha.streamInfo(others.name) }
    #expect(missing?.reason == "ENGINE_NO_STREAM", "asking for terms makes no stream")
  }

  @Test func whoMayNotMakeAStreamWaitsForIt() async throws {
    let gamma = try await engine.connect("gamma.x").engine
    let terms = StreamTerms.test("made")
    let missing = await #expect(throws: Failure.self) { try await gamma.ensureStream(terms) }
    #expect(missing?.reason == "ENGINE_NO_STREAM")
    #expect(missing?.kind == .unavailable)
    let made = try await engine.connect("alpha").engine.ensureStream(terms)
    #expect(try await gamma.ensureStream(terms).created == made.created)
  }

  @Test func aFullStreamRefusesMore() async throws {
    let alpha = try await engine.connect("alpha").engine
    let terms = StreamTerms.test("full", maxBytes: 10_000)
    _ = try await alpha.ensureStream(terms)
    let body = Data(count: 6000)
    let subject = terms.subject("batch", "alpha")
    #expect(try await alpha.publish(body, to: subject, id: nil, stream: terms.name) == 1)
    let failure = await #expect(throws: Failure.self) {
      try await alpha.publish(body, to: subject, id: nil, stream: terms.name)
    }
    #expect(failure?.reason == "ENGINE_FULL")
    #expect(try await alpha.streamInfo(terms.name).firstSequence == 1)
  }

  @Test(arguments: [100_001, 2 << 20]) func aMessageMayBeTooLarge(bytes: Int) async throws {
    let alpha = try await engine.connect("alpha").engine
    let terms = StreamTerms.test("large")
    _ = try await alpha.ensureStream(terms)
    let failure = await #expect(throws: Failure.self) {
      try await alpha.publish(
        Data(count: bytes), to: terms.subject("batch", "alpha"), id: nil, stream: terms.name)
    }
    #expect(failure?.reason == "ENGINE_MESSAGE_TOO_LARGE")
  }

  @Test func aStreamThatIsNotThereTakesNothing() async throws {
    let alpha = try await engine.connect("alpha").engine
    let terms = StreamTerms.test("nowhere")
    let missing = await #expect(throws: Failure.self) { try await alpha.streamInfo(terms.name) }
    #expect(missing?.reason == "ENGINE_NO_STREAM")
    let away = await #expect(throws: Failure.self) {
      try await alpha.publish(Data(), to: terms.subject("batch", "alpha"), id: nil, stream: terms.name)
    }
    #expect(away?.reason == "ENGINE_AWAY")
    let other = StreamTerms.test("elsewhere")
    _ = try await alpha.ensureStream(other)
    let refused = await #expect(throws: Failure.self) {
      try await alpha.publish(Data(), to: other.subject("batch", "alpha"), id: nil, stream: terms.name)
    }
    #expect(refused?.reason == "ENGINE_REFUSED")
  }

  @Test(arguments: [
    (400, 10158, "ENGINE_TIMEOUT"), (400, 10060, "ENGINE_REFUSED"), (503, 10077, "ENGINE_FULL"),
    (503, 10008, "ENGINE_AWAY"),
  ])
  func onlyWhatIsKnownNotToBeRecordedIsRefused(code: Int, number: Int, reason: String) {
    let refusal = EngineAPI.Refusal(code: code, err_code: number, description: "test")
    #expect(refusal.failure(publishingTo: "stream").reason == reason)
  }

  @Test func noMoreIsInFlightThanThereIsRoomFor() async throws {
    let alpha = try await engine.connect("alpha").engine
    let terms = StreamTerms.test("busy")
    _ = try await alpha.ensureStream(terms)
    let subject = terms.subject("batch", "alpha")
    let big = Data(count: EngineOptions.maxBytesInFlight)
    let first = try alpha.send(big, to: subject, id: nil, stream: terms.name)
    let failure = #expect(throws: Failure.self) {
      try alpha.send(Data(count: 1), to: subject, id: nil, stream: terms.name)
    }
    #expect(failure?.reason == "ENGINE_BUSY" || failure == nil)
    await #expect(throws: Failure.self) { try await first.sequence() }
    #expect(try await alpha.publish(Data(), to: subject, id: nil, stream: terms.name) == 1)
  }

  @Test func whatIsBroadcastIsHeardByTheOthers() async throws {
    let alpha = try await engine.connect("alpha")
    let beta = try await engine.connect("beta")
    var heard = beta.engine.listen(to: "cairn.x.cosign.*").makeAsyncIterator()
    // The subscription is on its way: this answer comes after it.
    _ = try await beta.engine.ensureStream(.test("broadcast"))
    #expect(throws: Failure.self) {
      try alpha.engine.broadcast(Data(count: EngineConnection.maxBroadcastBytes + 1), to: "cairn.x.cosign.alpha")
    }
    try alpha.engine.core.post(Data(count: EngineConnection.maxBroadcastBytes + 1), to: "cairn.x.cosign.alpha")
    try alpha.engine.broadcast(Data("cosigned".utf8), to: "cairn.x.cosign.alpha")
    #expect(await heard.next() == Data("cosigned".utf8))
    beta.engine.close()
    #expect(await heard.next() == nil)
  }

  @Test func nobodyBroadcastsForAnother() async throws {
    let alpha = try await engine.connect("alpha").engine
    let beta = try await engine.connect("beta").engine
    var heard = beta.listen(to: "cairn.y.cosign.*").makeAsyncIterator()
    _ = try await beta.ensureStream(.test("forged"))
    try alpha.broadcast(Data("forged".utf8), to: "cairn.y.cosign.gamma_x")
    try alpha.broadcast(Data("true".utf8), to: "cairn.y.cosign.alpha")
    #expect(await heard.next() == Data("true".utf8))
  }
}
