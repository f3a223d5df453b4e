import FoundationEssentials
import Outbox
import Primitives
import Signing
import Testing

@Suite struct LockTests {
  @Test func oneAtATime() async throws {
    let desk = try Desk()
    try await desk.runFresh { _ in
      await expectFailure("OUTBOX_LOCKED") { _ = try desk.open() }
    }
    _ = try desk.open()
  }

  @Test func everyKeyAndLedgerHasItsOwn() async throws {
    let desk = try Desk()
    try await desk.runFresh { outbox in
      _ = try outbox.enqueue(Desk.draft("one"))
      let other = try Outbox(
        directory: desk.directory, ledgerID: desk.ledgerID, key: try PrivateKey.generate(.ecdsaP256))
      #expect(try other.chain() == nil)
      let elsewhere = try Outbox(
        directory: desk.directory, ledgerID: SHA256.hash(Array("another ledger".utf8)), key: desk.key)
      #expect(try elsewhere.backlog() == (0, 0))
    }
  }

  @Test func onlyItsOwnerMayReadIt() async throws {
    let desk = try Desk()
    try await desk.runFresh { outbox in
      _ = try outbox.enqueue(Desk.draft("one"))
      #expect(try Self.permissions(desk.directory) == 0o700)
      let files = try FileManager.default.contentsOfDirectory(atPath: desk.directory.path)
      #expect(!files.isEmpty)
      for file in files { #expect(try Self.permissions(desk.directory.appending(path: file)) == 0o600) }
    }
  }

  @Test func aFileThatIsNoOutboxIsRefused() async throws {
    let desk = try Desk()
    _ = try desk.open()
    let file = try FileManager.default.contentsOfDirectory(atPath: desk.directory.path).first {
      $0.hasSuffix(".outbox")
    }
    let path = desk.directory.appending(path: try #require(file))
    try Data(repeating: 0x5A, count: 8_192).write(to: path)
    await expectFailure("OUTBOX_UNUSABLE") { _ = try desk.open() }
  }

  @Test(arguments: [
    (["CAIRN_STATE": "/a", "XDG_STATE_HOME": "/b", "HOME": "/c"], "/a"),
    (["XDG_STATE_HOME": "/b", "HOME": "/c"], "/b/cairn"),
    (["CAIRN_STATE": "relative", "HOME": "/c"], "/c/.local/state/cairn"),
  ])
  func theFolderIsWhereItBelongs(environment: [String: String], path: String) throws {
    #expect(try StateDirectory.location(environment: environment).path == path)
  }

  @Test func aHomelessProcessIsTold() async {
    await expectFailure("NO_STATE_DIRECTORY") { _ = try StateDirectory.location(environment: [:]) }
  }

  private static func permissions(_ url: URL) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
    return try #require(attributes[.posixPermissions] as? Int)
  }
}
