import Foundation
import Primitives
import Testing

@testable import Engine

@Suite(.oneServer) struct ReadingTests {
  let engine: TestEngine

  init() throws { engine = try #require(OneServer.engine) }

  @Test func everyMemberReadsTheSameFromAnywhere() async throws {
    let alpha = try await engine.connect("alpha")
    let beta = try await engine.connect("beta")
    let terms = StreamTerms.test("read")
    _ = try await alpha.engine.ensureStream(terms)
    try await alpha.publish(20, to: terms.subject("batch", "alpha"), stream: terms.name)
    let all = try await beta.read(20, of: terms.name)
    #expect(all.map(\.sequence) == Array(1...20))
    #expect(all.map(\.bytes) == (0..<20).map { Data("message \($0)".utf8) })
    #expect(all.allSatisfy { $0.subject == terms.subject("batch", "alpha") })
    let later = try await alpha.read(10, of: terms.name, from: 11, previous: all[9].stored)
    #expect(later == Array(all[10...]))
  }

  @Test func aReaderWaitsForWhatComes() async throws {
    let alpha = try await engine.connect("alpha")
    let terms = StreamTerms.test("wait")
    _ = try await alpha.engine.ensureStream(terms)
    var messages = alpha.engine.messages(of: terms.name, from: 1).makeAsyncIterator()
    for number in 0..<5 {
      try await alpha.publish(1, first: number, to: terms.subject("batch", "alpha"), stream: terms.name)
      let group = try await messages.next()
      #expect(group?.map(\.sequence) == [UInt64(number) + 1])
    }
  }

  @Test func groupsAreBounded() async throws {
    let alpha = try await engine.connect("alpha").engine
    let terms = StreamTerms.test("groups")
    _ = try await alpha.ensureStream(terms)
    let body = Data(count: 95_000)
    let receipts = try (0..<100).map { _ in
      try alpha.send(body, to: terms.subject("batch", "alpha"), id: nil, stream: terms.name)
    }
    for receipt in receipts { _ = try await receipt.sequence() }
    var next: UInt64 = 1
    for try await group in alpha.messages(of: terms.name, from: 1) {
      #expect(group.reduce(0) { $0 + $1.bytes.count } <= EngineOptions.maxGroupBytes)
      #expect(group.map(\.sequence) == Array(next..<(next + UInt64(group.count))))
      next += UInt64(group.count)
      if next > 100 { break }
    }
  }

  @Test func headersOfAMemberAreNotTheServersWords() async throws {
    let alpha = try await engine.connect("alpha").engine
    let terms = StreamTerms.test("headers")
    _ = try await alpha.ensureStream(terms)
    let reply = try alpha.core.request(
      Data(), to: terms.subject("batch", "alpha"), headers: [("Status", "409"), ("Description", "Consumer Deleted")])
    _ = try await reply.value()
    var messages = alpha.messages(of: terms.name, from: 1).makeAsyncIterator()
    #expect(try await messages.next()?.map(\.bytes) == [Data()])
  }

  @Test func aReaderEndsWithItsTaskOrItsConnection() async throws {
    let alpha = try await engine.connect("alpha").engine
    let terms = StreamTerms.test("end")
    _ = try await alpha.ensureStream(terms)
    let messages = alpha.messages(of: terms.name, from: 1)
    let reading = (0..<2).map { _ in
      Task {
        var iterator = messages.makeAsyncIterator()
        return try await iterator.next()
      }
    }
    reading[0].cancel()
    #expect(try await reading[0].value == nil)
    alpha.close()
    #expect(try await reading[1].value == nil)
    #expect(throws: Failure.self) { try alpha.broadcast(Data(), to: "cairn.x.cosign.alpha") }
  }

  @Test func whatWasRemovedIsNotPassedOver() async throws {
    let alpha = try await engine.connect("alpha")
    let terms = StreamTerms.test("trimmed", maxAgeSeconds: 1, window: 1)
    _ = try await alpha.engine.ensureStream(terms)
    try await alpha.publish(3, to: terms.subject("batch", "alpha"), stream: terms.name)
    while try await alpha.engine.streamInfo(terms.name).firstSequence < 3 { await alpha.breathe() }
    let failure = await #expect(throws: Failure.self) { try await alpha.read(1, of: terms.name, from: 2) }
    #expect(failure?.reason == "ENGINE_TRIMMED")
  }

  @Test func anotherStreamOfTheSameNameIsNotTheSame() async throws {
    let alpha = try await engine.connect("alpha")
    let owner = try await engine.connect("owner").engine
    let terms = StreamTerms.test("lost")
    let made = try await alpha.engine.ensureStream(terms)
    try await alpha.publish(2, to: terms.subject("batch", "alpha"), stream: terms.name)
    let read = try await alpha.read(2, of: terms.name)
    struct Answer: Decodable { var success: Bool? }
    let answer: Answer = try await owner.core.ask("STREAM.DELETE.\(terms.name)")
    #expect(answer.success == true)
    let gone = await #expect(throws: Failure.self) {
      try await alpha.read(1, of: terms.name, from: 3, created: made.created, previous: read[1].stored)
    }
    #expect(gone?.reason == "ENGINE_LOST")
    _ = try await alpha.engine.ensureStream(terms)
    try await alpha.publish(3, to: terms.subject("batch", "alpha"), stream: terms.name)
    let other = await #expect(throws: Failure.self) {
      try await alpha.read(1, of: terms.name, from: 3, created: made.created, previous: read[1].stored)
    }
    #expect(other?.reason == "ENGINE_LOST")
  }

  @Test func aMissingMessageIsNotPassedOver() async throws {
    let owner = try await engine.connect("owner")
    let terms = StreamTerms.test("hole")
    var configuration = StreamConfiguration(terms)
    configuration.deny_delete = false
    let made: StreamAnswer = try await owner.engine.core.ask(
      "STREAM.CREATE.\(terms.name)", try EngineAPI.encode(configuration))
    #expect(made.error == nil)
    try await owner.publish(4, to: terms.subject("batch", "alpha"), stream: terms.name)
    struct Answer: Decodable { var success: Bool? }
    let answer: Answer = try await owner.engine.core.ask("STREAM.MSG.DELETE.\(terms.name)", Data(#"{"seq":3}"#.utf8))
    #expect(answer.success == true)
    var messages = owner.engine.messages(of: terms.name, from: 1).makeAsyncIterator()
    var read: [UInt64] = []
    let failure = await #expect(throws: Failure.self) {
      while let group = try await messages.next() { read += group.map(\.sequence) }
    }
    #expect(failure?.reason == "ENGINE_LOST")
    #expect(read == [1, 2])
  }
}
