import Consortium
import Foundation
import Primitives
import Store
import Testing

@Suite struct SubscriptionStoreTests {
  private static let ledger = Digest(Array(repeating: 7, count: 32))
  private let directory: DataDirectory

  init() throws { directory = DataDirectory(try TemporaryDirectory.make().path) }

  private func open() throws -> SubscriptionStore {
    try SubscriptionStore(directory, ledger: try #require(Self.ledger)) { Issue.record("\($0)") }
  }

  private func new(_ name: String, of member: String = "acme", from position: UInt64 = 5) throws -> NewSubscription {
    NewSubscription(
      member: try #require(MemberID(member)), name: name, description: "for \(name)", filter: Data([1, 2, 3]),
      start: RecordPlace(position: position, index: 0), createdAt: Instant(microseconds: 17))
  }

  @Test func whatIsWrittenIsOnDisk() async throws {
    let store = try open()
    #expect(try await store.synchronousLevel() == 2)
    let attributes = try FileManager.default.attributesOfItem(atPath: directory.subscriptions.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  /// Where the log was cut, what comes is other than what was acknowledged.
  @Test(arguments: [(4, 4), (5, 5), (6, 5)] as [(UInt64, UInt64)])
  func cursorsBeyondACutGoBackToIt(size: UInt64, position: UInt64) async throws {
    let store = try open()
    let made = try await store.create(new("ships", from: 3)).subscription
    try await store.advance([made.id: RecordPlace(position: 5, index: 2)])
    try await store.rewind(to: size)
    let cursor = try await store.subscription("ships", of: made.member)?.cursor
    #expect(cursor == RecordPlace(position: position, index: size > 5 ? 2 : 0))
  }

  @Test func aSubscriptionIsFoundAgainByMemberAndName() async throws {
    let (acme, zulu) = (try new("ships"), try new("ships", of: "zulu", from: 9))
    let made = try await open().create(acme)
    #expect(made.isNew)
    _ = try await open().create(zulu)
    let found = try #require(try await open().subscription("ships", of: acme.member))
    #expect(found == made.subscription)
    #expect((found.name, found.member, found.description) == ("ships", acme.member, "for ships"))
    #expect((found.filter, found.cursor, found.createdAt) == (acme.filter, acme.start, acme.createdAt))
    #expect(try await open().subscription("trucks", of: acme.member) == nil)
    #expect(try await open().subscription("ships", of: zulu.member)?.cursor == zulu.start)
  }

  @Test func aSecondOfOneNameIsTheFirst() async throws {
    let store = try open()
    let first = try await store.create(try new("ships"))
    let second = try await store.create(try new("ships", from: 8))
    #expect(!second.isNew)
    #expect(second.subscription == first.subscription)
    #expect(try await store.count() == 1)
  }

  @Test func cursorsOnlyMoveForward() async throws {
    let store = try open()
    let (one, other) = (
      try await store.create(try new("a")).subscription, try await store.create(try new("b")).subscription
    )
    let places = [(6, 3), (6, 2), (5, 9), (7, 0), (6, 9_999)].map { RecordPlace(position: $0.0, index: $0.1) }
    var latest = one.cursor
    for place in places {
      try await store.advance([one.id: place, 4_711: place])
      latest = max(latest, place)
      #expect(try await open().subscription("a", of: one.member)?.cursor == latest)
    }
    #expect(try await open().subscription("b", of: other.member)?.cursor == other.cursor)
  }

  @Test func anIDIsNeverUsedTwice() async throws {
    let store = try open()
    let first = try await store.create(try new("a")).subscription
    #expect(try await store.delete("a", of: first.member) == first.id)
    #expect(try await store.delete("a", of: first.member) == nil)
    #expect(try await store.create(try new("a")).subscription.id > first.id)
  }

  @Test func aListGoesByNameAndMember() async throws {
    let store = try open()
    for name in ["d", "a", "c", "b"] { _ = try await store.create(try new(name)) }
    let other = try await store.create(try new("aa", of: "zulu")).subscription
    let acme = try #require(MemberID("acme"))
    #expect(try await store.subscriptions(of: acme, after: "", limit: 3).map(\.name) == ["a", "b", "c"])
    #expect(try await store.subscriptions(of: acme, after: "c", limit: 3).map(\.name) == ["d"])
    #expect(try await store.subscriptions(of: other.member, after: "", limit: 3) == [other])
  }

  @Test func anotherLedgersSubscriptionsAreNotTaken() async throws {
    _ = try open()
    let stranger = try #require(Digest(Array(repeating: 8, count: 32)))
    #expect(throws: Failure.self) { try SubscriptionStore(directory, ledger: stranger) { _ in } }
      .map { #expect($0.reason == "SUBSCRIPTIONS_MISMATCH") }
  }

  /// What somebody may have done to the file.
  enum Damage: CaseIterable {
    case firstByte, cutInTheHeader, cutAfterAPage, noise

    func apply(to file: URL) throws {
      var bytes = try Data(contentsOf: file)
      switch self {
      case .firstByte: bytes[0] = 0
      case .cutInTheHeader: bytes = bytes.prefix(100)
      case .cutAfterAPage: bytes = bytes.prefix(4_096)
      case .noise: bytes = Data((0..<bytes.count).map { _ in UInt8.random(in: .min ... .max) })
      }
      try bytes.write(to: file)
    }
  }

  @Test(arguments: Damage.allCases)
  func whatIsDamagedIsSetAsideAndMadeAnew(damage: Damage) async throws {
    try await makeAndClose()
    try damage.apply(to: directory.subscriptions)
    let bytes = try Data(contentsOf: directory.subscriptions)
    // What was set aside before gives way.
    try Data("older".utf8).write(to: directory.url.appending(path: "subscriptions.db-broken"))
    var warnings: [String] = []
    let store = try SubscriptionStore(directory, ledger: try #require(Self.ledger)) { warnings.append($0) }
    #expect(warnings.count == 1 && warnings.allSatisfy { $0.contains("subscriptions.db is damaged") })
    #expect(try await store.create(new("ships")).isNew)
    #expect(try Data(contentsOf: directory.url.appending(path: "subscriptions.db-broken")) == bytes)
  }

  /// Leaves a file without a journal.
  private func makeAndClose() async throws {
    do { _ = try await open().create(new("ships")) }
    let journal = directory.subscriptions.path + "-wal"
    while FileManager.default.fileExists(atPath: journal) { try await Task.sleep(for: .milliseconds(1)) }
  }
}
