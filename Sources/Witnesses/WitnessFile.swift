package import Checkpoints
import GenesisFile
package import Primitives

/// `witness.yaml`: which logs a node witnesses, and which witnesses it asks to cosign its own.
package struct WitnessFile: Sendable {
  /// The most bytes a file may have.
  package static let maxByteCount = 262_144
  /// The most logs that a node witnesses.
  package static let maxLogs = 256
  private static let maxKeysPerLog = 16

  /// A witness that is asked.
  package struct Asked: Hashable, Sendable {
    /// `http://` or `https://`, a host, and perhaps a port and a path: `/add-checkpoint` comes below it.
    package let prefix: String
    /// What it signs with.
    package let witness: Policy.Witness
  }

  /// The cosigner's name; nil for the usual one.
  package private(set) var name: String?
  /// Where is kept what was cosigned last; nil for the usual place.
  package private(set) var state: String?
  /// The logs that this node witnesses.
  package private(set) var logs: [Witness.Log] = []
  /// The witnesses that it asks.
  package private(set) var asked: [Asked] = []
  /// How many of those must have cosigned what its policy takes.
  package private(set) var required = 0

  /// What a node without the file has.
  package init() {}

  /// Reads a file. Fails with what is wrong, its line and path, and what would be right.
  package init(yaml bytes: [UInt8]) throws(Failure) {
    guard bytes.count <= Self.maxByteCount else {
      throw Failure(.malformed, "FILE_TOO_LARGE", "more than \(Self.maxByteCount) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.malformed, "INVALID_YAML", "not UTF-8")
    }
    let fields = try Field(document: text).mapping(["name", "state", "logs", "witnesses"])
    if let name = fields["name"] { self.name = try Self.name(name) }
    if let state = fields["state"] { self.state = try state.text() }
    for field in try fields["logs"]?.list(atMost: Self.maxLogs) ?? [] { logs.append(try log(field)) }
    guard let witnesses = try fields["witnesses"]?.mapping(["required", "ask"]) else { return }
    for field in try witnesses["ask"]?.list(atMost: Policy.maxOutsideWitnesses) ?? [] { asked.append(try asked(field)) }
    if let field = witnesses["required"] { required = try number(field, atMost: asked.count) }
  }

  /// Fails where this node would witness the log that it keeps: its members cosign that by other rules, with the same key.
  package func check(ownOrigin: String) throws(Failure) {
    guard !logs.contains(where: { $0.origin == ownOrigin }) else {
      throw Failure(
        .preconditionFailed, "OWN_ORIGIN",
        "logs: '\(ownOrigin)' is this node's own log, which it cannot be a witness of")
    }
  }

  private static func name(_ field: Field) throws(Failure) -> String {
    let name = try field.text()
    do throws(Failure) { try VerifierKey.check(name) } catch { throw field.because(error) }
    return name
  }

  private func log(_ field: Field) throws(Failure) -> Witness.Log {
    let fields = try field.mapping(["origin", "keys"])
    let origin = try field.required("origin", in: fields)
    let keys = try field.required("keys", in: fields)
    let name = try Self.name(origin)
    guard !logs.contains(where: { $0.origin == name }) else {
      throw origin.malformed("DUPLICATE_ORIGIN", "'\(name)' stands there twice; a log may have several keys")
    }
    var found: [VerifierKey] = []
    for field in try keys.list(atMost: Self.maxKeysPerLog) { found.append(try field.verifierKey(.note, "a log's")) }
    guard !found.isEmpty else { throw keys.malformed("MISSING_KEY", "at least one vkey of the log expected") }
    return Witness.Log(origin: name, keys: found)
  }

  private func asked(_ field: Field) throws(Failure) -> Asked {
    let fields = try field.mapping(["url", "key"])
    let url = try field.required("url", in: fields)
    let key = try field.required("key", in: fields)
    let verifierKey = try key.verifierKey(.cosignature, "a witness's")
    guard !asked.contains(where: { $0.witness.key.publicKey == verifierKey.publicKey }) else {
      throw key.malformed("DUPLICATE_KEY", "this key stands there twice")
    }
    guard !asked.contains(where: { $0.witness.name == verifierKey.name }) else {
      throw key.malformed("DUPLICATE_NAME", "two keys are called '\(verifierKey.name)'")
    }
    return Asked(prefix: try url.prefix(), witness: .init(name: verifierKey.name, key: verifierKey))
  }

  private func number(_ field: Field, atMost limit: Int) throws(Failure) -> Int {
    let text = try field.text()
    guard let number = Int(text), "\(number)" == text, 0...limit ~= number else {
      throw field.malformed("NOT_A_NUMBER", "'\(text.prefix(32))'; 0 to \(limit), the number of witnesses, expected")
    }
    return number
  }
}

extension Field {
  fileprivate func required(_ name: String, in fields: [String: Field]) throws(Failure) -> Field {
    guard let field = fields[name] else { throw malformed("MISSING_FIELD", "'\(name)' must be stated") }
    return field
  }

  fileprivate func because(_ failure: Failure) -> Failure {
    malformed(failure.reason, failure.violations.first?.description ?? failure.message)
  }

  fileprivate func verifierKey(_ kind: VerifierKey.Kind, _ whose: String) throws(Failure) -> VerifierKey {
    let key: VerifierKey
    do throws(Failure) { key = try VerifierKey(try text()) } catch { throw because(error) }
    guard key.kind == kind else {
      throw malformed("WRONG_KEY_TYPE", "a key of type \(key.kind.rawValue); \(whose) is of type \(kind.rawValue)")
    }
    return key
  }

  /// A URL prefix without a slash at its end.
  fileprivate func prefix() throws(Failure) -> String {
    var prefix = try text()
    while prefix.hasSuffix("/") { prefix.removeLast() }
    let parts = prefix.split(separator: "://", maxSplits: 1)
    let isURL = parts.count == 2 && ["http", "https"].contains(parts[0]) && parts[1].first != "/"
    guard isURL, prefix.utf8.count <= 1_000, prefix.utf8.allSatisfy({ 0x21...0x7e ~= $0 }),
      !prefix.contains(where: { "?#@\\".contains($0) })
    else { throw malformed("INVALID_URL", "http:// or https://, a host, and perhaps a port and a path expected") }
    return prefix
  }
}
