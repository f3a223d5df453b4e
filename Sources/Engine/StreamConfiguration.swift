/// A stream's configuration in JetStream's JSON; times are nanoseconds.
struct StreamConfiguration: Codable, Sendable {
  var name: String
  var subjects: [String]?
  var retention = "limits"
  var storage = "file"
  var discard: String? = "new"
  var num_replicas: Int
  var max_consumers: Int? = -1
  var max_msgs: Int64? = -1
  var max_msgs_per_subject: Int64? = -1
  var max_bytes: Int64?
  var max_age: Int64?
  var max_msg_size: Int32?
  var duplicate_window: Int64?
  var deny_delete: Bool? = true
  var deny_purge: Bool? = true
  var allow_rollup_hdrs: Bool? = false
  var allow_msg_ttl: Bool? = false
  var sealed: Bool? = false
  var no_ack: Bool? = false

  /// What messages would be rewritten or copied by: never there.
  struct Other: Codable, Sendable {}
  var mirror: Other?
  var sources: [Other]?
  var republish: Other?
  var subject_transform: Other?

  init(_ terms: StreamTerms) {
    name = terms.name
    subjects = terms.subjects
    num_replicas = terms.replicas
    max_bytes = terms.maxBytes
    max_age = terms.maxAgeSeconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue
    max_msg_size = terms.maxMessageBytes
    duplicate_window = terms.duplicateWindowSeconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue
  }

  /// Where `found` is not this, in words for an operator.
  func differences(from found: StreamConfiguration) -> [String] {
    func differs<Value: Equatable>(_ name: String, _ wanted: Value, _ is: Value) -> String? {
      wanted == `is` ? nil : "\(name) is \(`is`), \(wanted) was agreed"
    }
    let all: [String?] = [
      differs("subjects", (subjects ?? []).sorted(), (found.subjects ?? []).sorted()),
      differs("retention", retention, found.retention),
      differs("storage", storage, found.storage),
      differs("discard", discard ?? "old", found.discard ?? "old"),
      differs("num_replicas", num_replicas, found.num_replicas),
      differs("max_msgs", max_msgs ?? -1, found.max_msgs ?? -1),
      differs("max_msgs_per_subject", max_msgs_per_subject ?? -1, found.max_msgs_per_subject ?? -1),
      differs("max_bytes", max_bytes ?? -1, found.max_bytes ?? -1),
      differs("max_age", max_age ?? 0, found.max_age ?? 0),
      differs("max_msg_size", max_msg_size ?? -1, found.max_msg_size ?? -1),
      differs("duplicate_window", duplicate_window ?? 0, found.duplicate_window ?? 0),
      differs("deny_delete", true, found.deny_delete ?? false),
      differs("deny_purge", true, found.deny_purge ?? false),
      differs("allow_rollup_hdrs", false, found.allow_rollup_hdrs ?? false),
      differs("allow_msg_ttl", false, found.allow_msg_ttl ?? false),
      differs("sealed", false, found.sealed ?? false),
      differs("no_ack", false, found.no_ack ?? false),
      differs(
        "mirror, sources, republish or subject_transform", false,
        found.mirror != nil || found.sources?.isEmpty == false || found.republish != nil
          || found.subject_transform != nil),
    ]
    return all.compactMap { $0 }
  }
}
