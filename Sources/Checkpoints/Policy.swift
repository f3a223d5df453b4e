package import Primitives

/// Whose signatures make a checkpoint trustworthy (C2SP tlog-policy): the one thing a verifier has to hold.
package struct Policy: Hashable, Sendable {
  /// A cosigner, and what this policy calls it.
  package struct Witness: Hashable, Sendable {
    /// The name by which groups and the quorum refer to it.
    package let name: String
    /// Its key, of kind cosignature.
    package let key: VerifierKey

    /// Calls `key` by `name` inside a policy.
    package init(name: String, key: VerifierKey) {
      self.name = name
      self.key = key
    }
  }

  /// So many of the members must have cosigned.
  package struct Group: Hashable, Sendable {
    /// The name by which later groups and the quorum refer to it.
    package let name: String
    /// How many members are needed, 1 to their count.
    package let threshold: Int
    /// Names of witnesses and of groups defined earlier.
    package let members: [String]

    /// A group of which `threshold` members are needed.
    package init(name: String, threshold: Int, members: [String]) {
      self.name = name
      self.threshold = threshold
      self.members = members
    }
  }

  /// The most logs, and the most witnesses and groups together.
  package static let maxEntries = 256

  /// The keys of the logs that are accepted, each named after its log's origin.
  package private(set) var logs: [VerifierKey] = []
  /// The known cosigners.
  package private(set) var witnesses: [Witness] = []
  /// The groups, each after those it refers to.
  package private(set) var groups: [Group] = []
  /// The witness or group that must have cosigned; nil where the log's signature is enough (`quorum none`).
  package private(set) var quorum: String?

  private var taken: Set<[UInt8]> = [Array("none".utf8)]
  private var members: Set<[UInt8]> = []

  /// A policy of these parts; fails with MALFORMED_POLICY, as the text of the same parts would.
  package init(
    logs: [VerifierKey], witnesses: [Witness] = [], groups: [Group] = [], quorum: String? = nil
  ) throws(Failure) {
    self.init()
    for log in logs { try add(log) }
    for witness in witnesses { try add(witness) }
    for group in groups { try add(group) }
    try require(quorum)
  }

  init() {}

  mutating func add(_ log: VerifierKey) throws(Failure) {
    guard log.kind == .note else { throw .malformedPolicy("the key of log \(log.name) is not of type 1") }
    guard !logs.contains(where: { $0.publicKey == log.publicKey }) else {
      throw .malformedPolicy("the key of log \(log.name) is listed twice")
    }
    guard logs.count < Self.maxEntries else { throw .malformedPolicy("more than \(Self.maxEntries) logs") }
    logs.append(log)
  }

  mutating func add(_ witness: Witness) throws(Failure) {
    guard witness.key.kind == .cosignature else {
      throw .malformedPolicy("the key of witness \(witness.name) is not of type 4")
    }
    guard !witnesses.contains(where: { $0.key.publicKey == witness.key.publicKey }) else {
      throw .malformedPolicy("the key of witness \(witness.name) is listed twice")
    }
    try take(witness.name)
    witnesses.append(witness)
  }

  mutating func add(_ group: Group) throws(Failure) {
    guard 1...max(1, group.members.count) ~= group.threshold, !group.members.isEmpty else {
      throw .malformedPolicy("group \(group.name) needs \(group.threshold) of \(group.members.count) members")
    }
    for member in group.members {
      guard isDefined(member) else { throw .malformedPolicy("\(member) is no witness or group defined before") }
      guard members.insert(Array(member.utf8)).inserted else {
        throw .malformedPolicy("\(member) is a member twice")
      }
    }
    try take(group.name)
    groups.append(group)
  }

  mutating func require(_ quorum: String?) throws(Failure) {
    guard let quorum else { return }
    guard isDefined(quorum) else { throw .malformedPolicy("the quorum \(quorum) is no witness or group") }
    self.quorum = quorum
  }

  private func isDefined(_ name: String) -> Bool { taken.contains(Array(name.utf8)) && name != "none" }

  private mutating func take(_ name: String) throws(Failure) {
    let isWord = !name.isEmpty && !name.utf8.contains { $0 <= 0x20 || $0 == 0x7f }
    guard isWord, name.utf8.count <= VerifierKey.maxNameByteCount, taken.insert(Array(name.utf8)).inserted else {
      throw .malformedPolicy("the name '\(name)' is taken, reserved, too long or not a word")
    }
    guard taken.count <= Self.maxEntries + 1 else {
      throw .malformedPolicy("more than \(Self.maxEntries) witnesses and groups")
    }
  }
}

extension Failure {
  static func malformedPolicy(_ description: String) -> Failure {
    .malformed("MALFORMED_POLICY", field: "policy", description)
  }
}
