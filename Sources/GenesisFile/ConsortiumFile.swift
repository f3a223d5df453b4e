package import Primitives

/// How one node takes part in its consortium: where the engine and the other members' nodes are.
package struct ConsortiumFile: Hashable, Sendable {
  /// The most bytes a file may have.
  package static let maxByteCount = 1 << 20

  /// The engine's servers, and how this member shows who it is.
  package struct Engine: Hashable, Sendable {
    /// For example `tls://127.0.0.1:4222`; 1 to 16.
    package let servers: [String]
    /// File with the PEM certificates of the servers' authorities.
    package let authorities: String
    /// File with this member's PEM certificate.
    package let certificate: String
    /// File with its PEM key, mode 0600.
    package let key: String
    /// Servers that hold the stream: 1, 3 or 5.
    package let replicas: Int
    /// Hours after which the engine forgets messages; 0 is never.
    package let maxAgeHours: Int
  }

  /// Another member's node.
  package struct Peer: Hashable, Sendable {
    package let member: MemberID
    /// `host:port`.
    package let address: String
    /// File with the PEM certificate, or its authority's, that the node must show; nil for the system's authorities.
    package let authorities: String?
  }

  package let engine: Engine
  /// At most 64, each member once.
  package let peers: [Peer]
  /// The directory of what this node signed last; nil for `<data directory>.cosigner`.
  package let cosigner: String?
  /// Keys whose contradictions the operator has looked into: they stop this node no longer. At most 64.
  package let dismissed: Set<KeyID>

  /// Reads a file: at most 1 MiB of YAML. Fails with what is wrong, its path, its line, and what would be right. Paths are
  /// as they stand there; whoever reads them takes relative ones from the data directory.
  package init(yaml bytes: [UInt8]) throws(Failure) {
    guard bytes.count <= Self.maxByteCount else {
      throw Failure(.malformed, "FILE_TOO_LARGE", "\(bytes.count) bytes; at most \(Self.maxByteCount) are read")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.malformed, "INVALID_YAML", "not UTF-8")
    }
    let root = try Field(document: text)
    let fields = try root.mapping(["engine", "peers", "cosigner", "dismissed"])
    engine = try Engine(root.required("engine", fields))
    peers = try Self.peers(fields["peers"])
    dismissed = try Self.keys(fields["dismissed"])
    cosigner = try fields["cosigner"].map { field throws(Failure) in try field.filePath() }
  }

  private static func peers(_ field: Field?) throws(Failure) -> [Peer] {
    var peers: [Peer] = []
    for field in try field?.list(atMost: 64) ?? [] {
      let peer = try Peer(field)
      guard !peers.contains(where: { $0.member == peer.member }) else {
        throw field.malformed("PEER_REPEATED", "member '\(peer.member)' stands there twice")
      }
      peers.append(peer)
    }
    return peers
  }

  private static func keys(_ field: Field?) throws(Failure) -> Set<KeyID> {
    var keys: Set<KeyID> = []
    for field in try field?.list(atMost: 64) ?? [] {
      guard let bytes = Hex.decode(try field.text()), let key = KeyID(bytes) else {
        throw field.malformed("MALFORMED_KEY_ID", "64 hexadecimal characters expected")
      }
      keys.insert(key)
    }
    return keys
  }
}

extension ConsortiumFile.Engine {
  fileprivate init(_ field: Field) throws(Failure) {
    let fields = try field.mapping(["servers", "ca", "certificate", "key", "replicas", "max_age_hours"])
    let servers = try field.required("servers", fields)
    var addresses: [String] = []
    for server in try servers.list(atMost: 16) {
      let address = try server.text()
      guard address.hasPrefix("tls://"), address.utf8.count <= 255, address.utf8.count > 6 else {
        throw server.malformed("INVALID_SERVER", "'\(address.prefix(64))'; tls://host:port expected")
      }
      addresses.append(address)
    }
    guard !addresses.isEmpty else { throw servers.malformed("NO_SERVERS", "at least one server expected") }
    self.servers = addresses
    authorities = try field.required("ca", fields).filePath()
    certificate = try field.required("certificate", fields).filePath()
    key = try field.required("key", fields).filePath()
    replicas = try fields["replicas"]?.number(0...5) ?? 3
    guard [1, 3, 5].contains(replicas) else {
      throw (fields["replicas"] ?? field).malformed("INVALID_REPLICAS", "\(replicas); 1, 3 or 5 expected")
    }
    maxAgeHours = try fields["max_age_hours"]?.number(0...1_000_000) ?? 0
  }
}

extension ConsortiumFile.Peer {
  fileprivate init(_ field: Field) throws(Failure) {
    let fields = try field.mapping(["member", "address", "ca"])
    let name = try field.required("member", fields)
    guard let member = MemberID(try name.text()) else { throw name.malformed("MALFORMED_MEMBER", MemberID.grammar) }
    self.member = member
    let address = try field.required("address", fields)
    let text = try address.text()
    guard let colon = text.lastIndex(of: ":"), colon > text.startIndex, text.utf8.count <= 255,
      let port = UInt16(text[text.index(after: colon)...]), port > 0
    else { throw address.malformed("INVALID_ADDRESS", "'\(text.prefix(64))'; host:port expected") }
    self.address = text
    authorities = try fields["ca"].map { field throws(Failure) in try field.filePath() }
  }
}

extension Field {
  /// The value of that name, which must be there.
  fileprivate func required(_ name: String, _ fields: [String: Field]) throws(Failure) -> Field {
    guard let field = fields[name] else { throw malformed("MISSING_FIELD", "'\(name)' must be stated") }
    return field
  }

  /// The text of a file's or directory's path.
  fileprivate func filePath() throws(Failure) -> String {
    let path = try text()
    guard (1...1_024).contains(path.utf8.count), !path.utf8.contains(0) else {
      throw malformed("INVALID_PATH", "a path of 1 to 1,024 bytes expected")
    }
    return path
  }

  /// A whole number in that range.
  fileprivate func number(_ range: ClosedRange<Int>) throws(Failure) -> Int {
    let text = try text()
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), range.contains(number) else {
      throw malformed(
        "NOT_A_NUMBER", "'\(text.prefix(32))'; a number from \(range.lowerBound) to \(range.upperBound) expected")
    }
    return number
  }
}
