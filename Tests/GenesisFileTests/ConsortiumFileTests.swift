import GenesisFile
import Primitives
import Testing

@Suite struct ConsortiumFileTests {
  private static let file = """
    engine:
      servers: [tls://engine-1.example:4222]
      ca: engine/ca.pem
      certificate: engine/cert.pem
      key: engine/key.pem
      replicas: 1
    peers:
      - {member: carrier, address: carrier.example:7443}
    cosigner: /var/lib/cairn-signed
    """

  @Test func whatItSaysIsRead() throws {
    let file = try ConsortiumFile(yaml: Array(Self.file.utf8))
    #expect(file.engine.servers == ["tls://engine-1.example:4222"] && file.engine.replicas == 1)
    #expect(file.peers.map(\.member.description) == ["carrier"] && file.peers[0].authorities == nil)
    #expect(file.cosigner == "/var/lib/cairn-signed" && file.dismissed == [])
  }

  /// Witnesses stand in witness.yaml: what nobody would read is refused.
  @Test(arguments: ["witnesses: []", "dismissed: [abc]"])
  func whatHasNoMeaningIsNamed(line: String) {
    let failure = #expect(throws: Failure.self) { try ConsortiumFile(yaml: Array("\(Self.file)\n\(line)".utf8)) }
    let path = line.prefix { $0 != ":" }
    #expect(failure?.violations.first?.description.contains(path) == true || failure?.message.contains(path) == true)
  }
}
