import Consortium
import FoundationEssentials
import Primitives
import Signing
import SwiftProtobuf
import Telemetry
import Testing
import Wire

@Suite struct ExpiryForecastTests {
  private static let now = Instant(microseconds: 1_790_000_000_000_000)
  private static let day: Int64 = 86_400_000_000

  /// One member whose node and first admin key have no end; the others end after so many days.
  private static func directory(
    _ others: [(role: Cairn_V1_Role, days: Int64)]
  ) throws -> (Directory, [KeyID]) {
    let keys = try (0..<others.count + 2).map { _ in try PrivateKey.generate(.ed25519).publicKey }
    let terms = try GenesisTerms(
      .with { genesis in
        genesis.name = "quay"
        genesis.members = [
          .with {
            $0.id = "acme"
            $0.legalName = "Acme"
            $0.country = "CN"
            $0.roles = [.admin, .node, .device]
          }
        ]
        genesis.keys = zip(keys, [(.admin, 0), (.node, 0)] + others).map { key, terms in
          .with {
            $0.publicKey = Data(key.subjectPublicKeyInfo)
            $0.memberID = "acme"
            $0.roles = [terms.0]
            $0.label = "k"
            $0.notAfterMicroseconds = terms.1 == 0 ? 0 : now.microseconds + terms.1 * day
          }
        }
      })
    return (try Directory(terms, at: now), keys.dropFirst(2).map(\.id))
  }

  private static func after(_ days: Int64) -> Instant { Instant(microseconds: now.microseconds + days * day) }

  @Test(
    "people are warned 30 days before the end, and it is an error 7 days before",
    arguments: [(31, nil), (29, false), (8, false), (6, true), (1, true)] as [(Int64, Bool?)])
  func officers(days: Int64, isUrgent: Bool?) throws {
    let (directory, ids) = try Self.directory([(.admin, days)])
    let forecast = ExpiryForecast(directory, certificateEnd: nil, now: Self.now)
    #expect(forecast.officers.map(\.id) == ids)
    #expect(forecast.warnings.first?.isUrgent == isUrgent)
    if isUrgent != nil {
      let text = try #require(forecast.warnings.first?.text)
      #expect(text.hasPrefix("key \(ids[0]) of acme, admin 'k', expires at \(Self.after(days)), in \(days) day"))
    }
  }

  @Test func otherKeysAreToldInSum() throws {
    let (directory, _) = try Self.directory([(.device, 3), (.device, 20), (.device, 29), (.device, 40)])
    let forecast = ExpiryForecast(directory, certificateEnd: nil, now: Self.now)
    #expect(forecast.officers.isEmpty)
    #expect(forecast.fleets.map(\.count) == [3])
    #expect(
      forecast.warnings.map(\.text) == [
        "3 other keys of acme expire within 30 days, 1 of them within 7 days, the first at \(Self.after(3)): "
          + "let its admin rotate them"
      ])
  }

  @Test(
    "the server's certificate is told before and after its end",
    arguments: [(40, nil), (29, "expires at"), (0, "expired at"), (-400, "expired at")] as [(Int64, String?)])
  func certificate(days: Int64, words: String?) throws {
    let (directory, _) = try Self.directory([])
    let warnings = ExpiryForecast(directory, certificateEnd: Self.after(days), now: Self.now).warnings
    #expect(warnings.first.map { $0.text.contains(words ?? "-") } == words.map { _ in true })
    #expect(warnings.first?.isUrgent == words.map { $0 == "expired at" })
  }

  @Test func whatHasASuccessorIsNotTold() throws {
    let (found, ids) = try Self.directory([(.admin, 20), (.device, 20)])
    var directory = found
    let successor = try PrivateKey.generate(.ed25519).publicKey
    let admin = try #require(directory.keyIDs.first)
    let rotation = Cairn_V1_ConsortiumRecord.with {
      $0.rotateKey.keyID = Data(ids[1].digest.bytes)
      $0.rotateKey.publicKey = Data(successor.subjectPublicKeyInfo)
      $0.rotateKey.overlapUntilMicroseconds = Self.after(1).microseconds
    }
    _ = try directory.apply(
      try ConsortiumChange(rotation), by: admin, record: SHA256.hash([1]), at: RecordPlace(position: 1, index: 0),
      time: Self.now, isInLog: { _ in true })
    let forecast = ExpiryForecast(directory, certificateEnd: nil, now: Self.now)
    #expect(forecast.fleets.isEmpty && forecast.officers.map(\.id) == [ids[0]])
  }
}
