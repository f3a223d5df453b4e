import Primitives

/// What a change would make of a directory: new values, nothing written yet.
struct Plan {
  /// Members with their new values.
  var members: [MemberID: Member] = [:]
  /// Those of them that join.
  var newMembers: [MemberID] = []
  /// Keys with their new values.
  var keys: [KeyID: AuthorKey] = [:]
  /// Those of them that are registered.
  var newKeys: [KeyID] = []
  /// The thresholds from then on.
  var thresholds: Thresholds?
  /// The record to be erased.
  var redaction: Redaction?

  /// The new keys that govern, by member, in order of registration.
  var newOfficers: [MemberID: [KeyID]] {
    newKeys.reduce(into: [:]) { officers, id in
      if let key = keys[id], key.isGoverning { officers[key.memberID, default: []].append(id) }
    }
  }

  /// Whether it changes who governs the ledger or how.
  var isConstitutional: Bool {
    thresholds != nil || !members.isEmpty || keys.values.contains { $0.isGoverning }
  }
}
