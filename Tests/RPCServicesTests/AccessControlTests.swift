import Consortium
import FoundationEssentials
import GRPCCore
import Primitives
import Signing
import Synchronization
import SwiftProtobuf
import Testing
import Tokens
import Wire
import WireRPC

@testable import RPCServices

@Suite struct AccessControlTests {
  /// A clock that a test sets.
  private final class Clock: Sendable {
    private let time = Mutex(TestConsortium.start)
    var now: Instant {
      get { time.withLock { $0 } }
      set { time.withLock { $0 = newValue } }
    }
  }

  private static let watch = Cairn_V1_LedgerService.Method.WatchLog.descriptor
  private static let getLedger = Cairn_V1_LedgerService.Method.GetLedger.descriptor

  private var consortium: TestConsortium
  private let clock = Clock()
  private let connections = ConnectionRegistry()
  private let access: AccessControl

  init() throws {
    consortium = try TestConsortium()
    access = AccessControl(views: consortium.views, connections: connections) { [clock] in clock.now }
  }

  private static func later(_ seconds: Int64) -> Instant {
    Instant(microseconds: TestConsortium.start.microseconds + seconds * 1_000_000)
  }

  private func certificate(_ key: PrivateKey, from: Instant = .earliest, until: Instant = .latest)
    -> PresentedCertificate
  {
    PresentedCertificate(keyID: key.publicKey.id, notBefore: from, notAfter: until)
  }

  private func admit(
    _ credentials: Credentials, to method: MethodDescriptor = watch,
    _ cancellation: ServerContext.RPCCancellationHandle = .init()
  ) async throws(Failure) -> AccessControl.Admission {
    try await access.admit(method, credentials, cancellation: cancellation)
  }

  private func refusal(of credentials: Credentials, to method: MethodDescriptor = getLedger) async -> String? {
    do throws(Failure) {
      _ = try await admit(credentials, to: method)
      return nil
    } catch {
      return error.reason
    }
  }

  private func token(_ key: PrivateKey, minutes: Int = 5) async throws -> String {
    try await BearerToken.make(for: consortium.ledgerID, key: key, now: clock.now, minutes: minutes)
  }

  private static func id(_ caller: Caller) -> KeyID? {
    if case .key(let key) = caller { key.publicKey.id } else { nil }
  }

  // Who it is

  @Test func withoutCredentialsItIsAnyone() async throws {
    #expect(Self.id(try await admit(Credentials(), to: Self.getLedger).caller) == nil)
    #expect(await refusal(of: Credentials(), to: Self.watch) == "IDENTITY_REQUIRED")
  }

  @Test mutating func aKeyInForceIsRecognisedByCertificateAndByToken() async throws {
    let key = try consortium.register(.operator)
    let token = try await token(key)
    for credentials in [
      Credentials(certificate: certificate(key)), Credentials(token: token),
      Credentials(certificate: certificate(key), token: token),
    ] {
      #expect(Self.id(try await admit(credentials).caller) == key.publicKey.id)
    }
  }

  @Test mutating func aDeviceDoesNotWatch() async throws {
    let key = try consortium.register(.device)
    #expect(await refusal(of: Credentials(certificate: certificate(key))) == nil)
    #expect(await refusal(of: Credentials(certificate: certificate(key)), to: Self.watch) == "ROLE_FORBIDS_CALL")
  }

  @Test mutating func aKeyThatIsNotInForceIsRefusedByName() async throws {
    let stranger = try PrivateKey.generate(.ed25519)
    let revoked = try consortium.register(.operator)
    try consortium.revoke(revoked)
    let expired = try consortium.register(.operator, notAfter: Self.later(5))
    let early = try consortium.register(.operator, notBefore: Self.later(15))
    clock.now = Self.later(10)
    let cases = [
      (stranger, "UNKNOWN_KEY"), (revoked, "KEY_REVOKED"), (expired, "KEY_EXPIRED"), (early, "KEY_NOT_YET_VALID"),
    ]
    for (key, reason) in cases {
      #expect(await refusal(of: Credentials(certificate: certificate(key))) == reason)
      #expect(await refusal(of: Credentials(token: try token(key))) == reason)
      let failure = await #expect(throws: Failure.self) { try await admit(Credentials(certificate: certificate(key))) }
      #expect(failure?.kind == .unauthenticated)
      #expect(failure?.message.contains("\(key.publicKey.id)") == true)
    }
  }

  @Test mutating func aCertificatesDatesCount() async throws {
    let key = try consortium.register(.operator)
    let now = TestConsortium.start
    #expect(await refusal(of: Credentials(certificate: certificate(key, from: now, until: now))) == nil)
    #expect(
      await refusal(of: Credentials(certificate: certificate(key, until: Self.later(-1)))) == "CERTIFICATE_EXPIRED")
    #expect(
      await refusal(of: Credentials(certificate: certificate(key, from: Self.later(1)))) == "CERTIFICATE_NOT_YET_VALID")
  }

  @Test mutating func twoIdentitiesMustBeOne() async throws {
    let (one, other) = (try consortium.register(.operator), try consortium.register(.operator))
    let credentials = Credentials(certificate: certificate(one), token: try await token(other))
    #expect(await refusal(of: credentials) == "TWO_IDENTITIES")
  }

  @Test mutating func aTokenIsForOneLedger() async throws {
    let key = try consortium.register(.operator)
    let elsewhere = try await BearerToken.make(
      for: SHA256.hash(Array("another".utf8)), key: key, now: clock.now, minutes: 5)
    #expect(await refusal(of: Credentials(token: elsewhere)) == "WRONG_AUDIENCE")
  }

  // When it ends

  @Test mutating func aRevocationEndsTheCallsOfItsKeyAndNoOther() async throws {
    let (key, other) = (try consortium.register(.operator), try consortium.register(.operator))
    let (byCertificate, byToken, ofOther) = (
      ServerContext.RPCCancellationHandle(), ServerContext.RPCCancellationHandle(),
      ServerContext.RPCCancellationHandle()
    )
    let admissions = [
      try await admit(Credentials(certificate: certificate(key)), byCertificate),
      try await admit(Credentials(token: try token(key)), byToken),
      try await admit(Credentials(certificate: certificate(other)), ofOther),
    ]
    try consortium.revoke(key)
    access.enforce(consortium.directory)
    #expect(admissions.map(\.ending?.reason) == ["KEY_REVOKED", "KEY_REVOKED", nil])
    #expect([byCertificate, byToken, ofOther].map(\.isCancelled) == [true, true, false])
  }

  @Test mutating func aRevocationClosesTheConnectionsOfItsKeyAndNoOther() throws {
    let closed = Mutex<[String]>([])
    let (key, other) = (try consortium.register(.operator), try consortium.register(.operator))
    for (name, key) in [("key", key), ("other", other), ("unknown", try PrivateKey.generate(.ed25519))] {
      let number = try #require(connections.admit(peer: name, host: "") { closed.withLock { $0.append(name) } })
      connections.identify(number, by: certificate(key))
    }
    access.enforce(consortium.directory)
    #expect(closed.withLock { $0 }.isEmpty)
    try consortium.revoke(key)
    access.enforce(consortium.directory)
    #expect(closed.withLock { $0 } == ["key"])
  }

  @Test mutating func runHearsOfEachRevocation() async throws {
    let key = try consortium.register(.operator)
    let cancellation = ServerContext.RPCCancellationHandle()
    let admission = try await admit(Credentials(certificate: certificate(key)), cancellation)
    try consortium.revoke(key)
    try await withThrowingTaskGroup(of: Void.self) { [access] group in
      group.addTask { await access.run() }
      try await cancellation.cancelled
      group.cancelAll()
    }
    #expect(admission.ending?.reason == "KEY_REVOKED")
  }

  @Test mutating func whatExpiresEndsWhenItDoes() async throws {
    let until = Self.later(60)
    let key = try consortium.register(.operator)
    let mortal = try consortium.register(.operator, notAfter: until)
    let admissions = [
      try await admit(Credentials(certificate: certificate(mortal))),
      try await admit(Credentials(certificate: certificate(key, until: until))),
      try await admit(Credentials(token: try token(key, minutes: 1))),
      try await admit(Credentials(certificate: certificate(key))),
    ]
    let reasons = { [access] in
      access.enforceExpiry()
      return admissions.map(\.ending?.reason)
    }
    clock.now = Self.later(59)
    #expect(reasons() == [nil, nil, nil, nil])
    clock.now = until
    #expect(reasons() == ["KEY_EXPIRED", nil, nil, nil])
    clock.now = Self.later(61)
    #expect(reasons() == ["KEY_EXPIRED", "CERTIFICATE_EXPIRED", nil, nil])
    clock.now = Self.later(60 + Int64(BearerToken.leewaySeconds))
    #expect(reasons() == ["KEY_EXPIRED", "CERTIFICATE_EXPIRED", "TOKEN_EXPIRED", nil])
  }

  @Test mutating func whatTheMembersDecideEndsCallsToo() async throws {
    let (paused, demoted) = (try consortium.register(.operator), try consortium.register(.auditor))
    let admissions = [
      try await admit(Credentials(certificate: certificate(paused))),
      try await admit(Credentials(certificate: certificate(demoted))),
      try await admit(Credentials(certificate: certificate(demoted)), to: Self.getLedger),
    ]
    try consortium.decide(.pauseAuthor(.with { $0.keyID = Data(paused.publicKey.id.digest.bytes) }))
    try consortium.decide(
      .changeRoles(
        .with {
          $0.memberID = "harbour"
          $0.roles = Role.allCases.filter { $0 != .auditor }.map(\.wire)
        }))
    access.enforce(consortium.directory)
    #expect(admissions.map(\.ending?.reason) == ["KEY_PAUSED", "ROLE_FORBIDS_CALL", nil])
  }

  @Test mutating func aKeyThatWasRotatedEndsWhenItsOverlapDoes() async throws {
    let key = try consortium.register(.operator)
    let admission = try await admit(Credentials(certificate: certificate(key)))
    try consortium.rotate(key, until: Self.later(60))
    access.enforce(consortium.directory)
    access.enforceExpiry()
    #expect(admission.ending == nil)
    clock.now = Self.later(60)
    access.enforceExpiry()
    #expect(admission.ending?.reason == "KEY_EXPIRED")
  }

  @Test mutating func aCallThatIsOverIsForgotten() async throws {
    let key = try consortium.register(.operator)
    let cancellation = ServerContext.RPCCancellationHandle()
    _ = try await admit(Credentials(certificate: certificate(key)), cancellation)
    try consortium.revoke(key)
    access.enforce(consortium.directory)
    #expect(!cancellation.isCancelled)
  }
}
