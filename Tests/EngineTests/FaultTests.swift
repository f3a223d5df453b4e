import Foundation
import Primitives
import Testing

@testable import Engine

@Suite struct FaultTests {
  @Test func theOrderOutlivesTheLeaderAndARestartOfAll() async throws {
    try await TestEngine.with(servers: 3) { servers in
      let alpha = try await servers.connect("alpha", timeout: 2000)
      let beta = try await servers.connect("beta", timeout: 2000)
      let terms = StreamTerms.test("kill", replicas: 3)
      _ = try await alpha.insist { engine throws(Failure) in try await engine.ensureStream(terms) }
      let subject = terms.subject("batch", "alpha")
      async let read = beta.read(60, of: terms.name)

      try await alpha.publish(20, to: subject, stream: terms.name)
      let leader = try #require(try await alpha.engine.streamInfo(terms.name).leader)
      try await servers.stop(leader, kill: true)
      try await alpha.publish(20, first: 20, to: subject, stream: terms.name)
      try await servers.start(leader)
      try await servers.stop(kill: true)
      try await servers.start()
      try await alpha.publish(20, first: 40, to: subject, stream: terms.name)

      let messages = try await read
      #expect(messages.map(\.sequence) == Array(1...60))
      #expect(messages.map(\.bytes) == (0..<60).map { Data("message \($0)".utf8) })
    }
  }

  @Test func anOlderStateOfTheEngineIsFoundOut() async throws {
    try await TestEngine.with(servers: 1) { servers in
      let alpha = try await servers.connect("alpha")
      let terms = StreamTerms.test("old")
      let made = try await alpha.engine.ensureStream(terms)
      let subject = terms.subject("batch", "alpha")
      try await alpha.publish(5, to: subject, stream: terms.name)
      let copy = servers.folder.appending(path: "copy")
      try await servers.stop()
      try FileManager.default.copyItem(at: servers.store("s1"), to: copy)
      try await servers.start()
      try await alpha.publish(5, first: 5, to: subject, stream: terms.name)
      let read = try await alpha.read(10, of: terms.name)
      #expect(read.map(\.sequence) == Array(1...10))
      var waiting = alpha.engine.messages(of: terms.name, from: 11).makeAsyncIterator()

      try await servers.stop()
      try FileManager.default.removeItem(at: servers.store("s1"))
      try FileManager.default.moveItem(at: copy, to: servers.store("s1"))
      try await servers.start()
      #expect(
        try await alpha.insist { engine throws(Failure) in try await engine.streamInfo(terms.name) }.created
          == made.created)
      let shorter = await #expect(throws: Failure.self) { try await waiting.next() }
      #expect(shorter?.reason == "ENGINE_ROLLED_BACK")

      try await alpha.publish(10, first: 20, to: subject, stream: terms.name)
      let regrown = await #expect(throws: Failure.self) {
        try await alpha.read(1, of: terms.name, from: 11, created: made.created, previous: read[9].stored)
      }
      #expect(regrown?.reason == "ENGINE_ROLLED_BACK")
    }
  }

  @Test func whileTheEngineIsAwayPublishingFailsAtOnce() async throws {
    try await TestEngine.with(servers: 1) { servers in
      let alpha = try await servers.connect("alpha", timeout: 60_000)
      let terms = StreamTerms.test("away")
      _ = try await alpha.engine.ensureStream(terms)
      let subject = terms.subject("batch", "alpha")
      var reading = alpha.engine.messages(of: terms.name, from: 1).makeAsyncIterator()
      try await servers.stop()
      await alpha.until { !$0.isConnected }
      let failure = #expect(throws: Failure.self) {
        try alpha.engine.send(Data("lost".utf8), to: subject, id: nil, stream: terms.name)
      }
      #expect(failure?.reason == "ENGINE_AWAY")
      #expect(failure?.kind == .unavailable)
      #expect(failure?.retryAfterMilliseconds != nil)
      try await servers.start()
      await alpha.until { $0.isConnected }
      try await alpha.publish(1, to: subject, stream: terms.name)
      #expect(try await reading.next()?.map(\.bytes) == [Data("message 0".utf8)])
    }
  }

  /// A connection to a server that is there is not enough: neither the leader alone nor another server alone records anything.
  @Test(arguments: [true, false])
  func withoutAMajorityTheEngineIsAway(_ keepsLeader: Bool) async throws {
    try await TestEngine.with(servers: 3) { servers in
      let alpha = try await servers.connect("alpha")
      let terms = StreamTerms.test("majority", replicas: 3)
      _ = try await alpha.insist { engine throws(Failure) in try await engine.ensureStream(terms) }
      let subject = terms.subject("batch", "alpha")
      try await alpha.publish(1, to: subject, stream: terms.name)
      let leader = try #require(try await alpha.engine.streamInfo(terms.name).leader)
      let others = ["s1", "s2", "s3"].filter { $0 != leader }
      let dead = keepsLeader ? others : [leader, others[0]]
      for server in dead { try await servers.stop(server, kill: true) }
      let start = ContinuousClock.now
      // For the first seconds a leader may not know yet that it is alone.
      while ContinuousClock.now - start < .seconds(5) || !alpha.missesMajority { await alpha.breathe() }
      #expect(ContinuousClock.now - start < .seconds(20))
      // After some more, a server that was a follower tells of the stream without a leader.
      while ContinuousClock.now - start < .seconds(25), alpha.missesMajority { await alpha.breathe() }
      #expect(alpha.missesMajority)
      let failure = #expect(throws: Failure.self) {
        try alpha.engine.send(Data("lost".utf8), to: subject, id: nil, stream: terms.name)
      }
      #expect(failure?.reason == "ENGINE_AWAY")

      try await servers.start(dead[0])
      while !alpha.engine.health.isConnected { await alpha.breathe() }
      try await alpha.publish(1, first: 1, to: subject, stream: terms.name)
      #expect(try await alpha.read(2, of: terms.name).map(\.sequence) == [1, 2])
    }
  }

  @Test func aConnectionWaitsForAnEngineThatIsNotThereYet() async throws {
    try await TestEngine.with(servers: 1) { servers in
      try await servers.stop()
      async let connection = servers.connect("alpha")
      try await servers.start()
      let terms = StreamTerms.test("late")
      let info = try await connection.insist { engine throws(Failure) in try await engine.ensureStream(terms) }
      #expect(info.name == terms.name)
    }
  }

  /// Whoever renews its certificate goes on where it was; files that are no use change nothing.
  @Test func otherCertificatesAreTakenWithoutAnEnd() async throws {
    try await TestEngine.with(servers: 1) { servers in
      let one = try await servers.connect("alpha")
      let terms = StreamTerms.test("renew")
      _ = try await one.engine.ensureStream(terms)
      try await one.publish(1, to: terms.subject("batch", "alpha"), stream: terms.name)
      var reading = one.engine.messages(of: terms.name, from: 1).makeAsyncIterator()
      #expect(try await reading.next()?.map(\.sequence) == [1])
      let failure = #expect(throws: Failure.self) { try one.engine.renew(servers.options("nobody")) }
      #expect(failure?.reason == "ENGINE_OPTIONS")
      #expect(one.engine.health.isConnected)
      // Another member's certificate shows that it is another connection: only that member may publish there.
      try one.engine.renew(servers.options("beta"))
      await one.until { !$0.isConnected }
      await one.until { $0.isConnected }
      try await one.publish(1, first: 1, to: terms.subject("batch", "beta"), stream: terms.name)
      #expect(try await reading.next()?.map(\.sequence) == [2])
    }
  }

  @Test func aMemberJoinsWhileTheOthersGoOn() async throws {
    try await TestEngine.with(servers: 1) { servers in
      let alpha = try await servers.connect("alpha")
      let terms = StreamTerms.test("join")
      _ = try await alpha.engine.ensureStream(terms)
      try await alpha.publish(1, to: terms.subject("batch", "alpha"), stream: terms.name)
      try await servers.add("delta")
      let delta = try await servers.connect("delta")
      #expect(try await delta.publish(1, first: 1, to: terms.subject("batch", "delta"), stream: terms.name) == [2])
      #expect(try await alpha.publish(1, first: 2, to: terms.subject("batch", "alpha"), stream: terms.name) == [3])
      #expect(try await delta.read(3, of: terms.name).count == 3)
      var heard = alpha.engine.listen(to: "cairn.join.cosign.*").makeAsyncIterator()
      _ = try await alpha.insist { engine throws(Failure) in try await engine.streamInfo(terms.name) }
      try delta.engine.broadcast(Data("new".utf8), to: "cairn.join.cosign.delta")
      #expect(await heard.next() == Data("new".utf8))
    }
  }
}
