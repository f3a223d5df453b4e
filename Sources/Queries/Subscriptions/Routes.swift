import Ledger
import Primitives
import Provenance

/// Who of those that follow the log may want a record, found by what is most selective in their filters: an index key of
/// the item, place or event id, or else the business step. Only what is left over is compared filter by filter.
struct Routes {
  /// A receiver that follows the log, and what it wants.
  final class Follower: Sendable {
    let id: UInt64
    let filter: EventFilter
    let terms: Set<UInt64>

    init(_ id: UInt64, _ filter: EventFilter) {
      self.id = id
      self.filter = filter
      terms = Set(filter.terms)
    }
  }

  private(set) var byTerm: [UInt64: [UInt64]] = [:]
  private(set) var byStep: [String: [Follower]] = [:]
  private(set) var others: [Follower] = []

  mutating func add(_ follower: Follower) {
    if !follower.terms.isEmpty {
      for term in follower.terms { byTerm[term, default: []].append(follower.id) }
    } else if !follower.filter.bizSteps.isEmpty {
      for step in follower.filter.bizSteps { byStep[step, default: []].append(follower) }
    } else {
      others.append(follower)
    }
  }

  mutating func remove(_ follower: Follower) {
    for term in follower.terms {
      byTerm[term]?.removeAll { $0 == follower.id }
      if byTerm[term]?.isEmpty == true { byTerm[term] = nil }
    }
    guard follower.terms.isEmpty else { return }
    for step in follower.filter.bizSteps {
      byStep[step]?.removeAll { $0.id == follower.id }
      if byStep[step]?.isEmpty == true { byStep[step] = nil }
    }
    others.removeAll { $0.id == follower.id }
  }

  /// Who may want a record with that business step; nil stands for one that is not known.
  func followers(ofStep step: String?) -> [Follower] {
    guard let step else { return others + byStep.values.joined() }
    guard let wanted = byStep[step] else { return others }
    return others.isEmpty ? wanted : others + wanted
  }
}

/// Canonical business steps by the way they are written.
struct StepNames {
  private static let maxCount = 1_024

  private var names: [String: String] = [:]

  /// The business step of a record in canonical form, empty if it has none; nil where only parsing tells.
  mutating func step(of record: EventGlance?) -> String? {
    guard let record else { return nil }
    if record.bizStep.isEmpty { return "" }
    if let name = names[record.bizStep] { return name }
    guard let name = try? Vocabulary.canonical(record.bizStep, of: .bizStep) else { return nil }
    if names.count >= Self.maxCount { names = [:] }
    names[record.bizStep] = name
    return name
  }
}

extension EventFilter {
  /// False where the batch's author or the business step alone rule a record out.
  func mayMatch(author: KeyID, step: String?) -> Bool {
    (authors.isEmpty || authors.contains(author)) && (bizSteps.isEmpty || step.map(bizSteps.contains) != false)
  }
}
