import Foundation
import Ledger
import Primitives
import Provenance
import Store
import SwiftProtobuf
import Wire

/// Looks subjects up, one after the other, within the budget of one answer.
struct DescriptionSearch {
  /// How many records one answer may look at.
  struct Budget: Sendable {
    /// Of an answer that somebody waits for.
    static let answer = Budget(examined: EventSearch.maxCandidates, hidden: EventSearch.maxHidden)

    /// Records that the caller may read.
    let examined: Int
    /// Records that it may not.
    let hidden: Int
  }

  static let slice = 128

  private let index: PostingIndex
  private let reader: LedgerReader
  private let end: UInt64
  private let time: Instant
  private let budget: Budget
  private let postings: [String: [UInt64]]
  private var assembler: EventAssembler
  private var examined = 0
  private var hidden = 0

  /// Looks at records below the number `end`. Subjects of which all `postings` are given are not looked up in the index.
  init(
    _ descriptions: Descriptions, _ reader: LedgerReader, end: UInt64, budget: Budget = .answer,
    postings: [String: [UInt64]] = [:]
  ) {
    index = descriptions.index
    self.reader = reader
    self.end = end
    self.budget = budget
    self.postings = postings
    time = descriptions.time
    assembler = EventAssembler(descriptions.scope)
  }

  /// Whether there is still something that this answer may look at.
  var hasBudget: Bool { examined < budget.examined && hidden < budget.hidden }

  /// What is said of the subject, in canonical form.
  mutating func description(of subject: String) throws -> Description {
    let limit = Descriptions.maxVersionsFromEachEnd
    var description = Description(of: subject, at: time)
    let stop = try visit(subject, from: 0) { version in
      guard description.count < limit else { return false }
      description.add(version)
      return true
    }
    guard let stop else { return description }
    var (start, found) = (end, 0)
    _ = try visit(subject, from: stop, .newestFirst) { version in
      guard found < limit else { return false }
      (start, found) = (version.ordinal, found + 1)
      return true
    }
    _ = try visit(subject, from: start) { version in
      description.add(version)
      return true
    }
    return description
  }

  /// Versions of the subject that the caller may read, in ledger order from the record `start` on; says where to go on,
  /// nil at the end.
  mutating func versions(
    of subject: String, from start: UInt64, limit: Int, bytes: Int
  ) throws -> (versions: [Cairn_V1_RecordedMasterData], next: UInt64?) {
    var (versions, size) = ([Cairn_V1_RecordedMasterData](), 0)
    let next = try visit(subject, from: start) { version in
      guard versions.count < limit, size < bytes else { return false }
      versions.append(version.recorded)
      size += version.byteCount
      return true
    }
    return (versions, next)
  }

  /// The number of the first record that describes the subject and that the caller may read.
  mutating func first(of subject: String) throws -> UInt64? {
    var first: UInt64?
    _ = try visit(subject, from: 0) { version in
      guard first == nil else { return false }
      first = version.ordinal
      return true
    }
    return first
  }

  /// What the record holds, if it describes something and the caller may read it.
  mutating func version(_ record: StoredRecord) throws -> Version? { try read(record, of: nil) }

  /// Hands over the versions that the caller may read, from the record `start` on or from the end down to it, until one is
  /// not taken or the budget is spent; gives the number of the record where it stopped, nil where all were taken.
  private mutating func visit(
    _ subject: String, from start: UInt64, _ order: PostingIndex.Order = .oldestFirst, _ take: (Version) -> Bool
  ) throws -> UInt64? {
    var (after, below) = (start == 0 ? nil : start - 1, end)
    while true {
      let ordinals = try ordinals(of: subject, after: after, below: below, order)
      let records = try reader.records(ordinals: ordinals.sorted())
      for record in order == .oldestFirst ? records : records.reversed() {
        guard hasBudget else { return record.ordinal }
        if let version = try read(record, of: subject), !take(version) { return record.ordinal }
      }
      guard let last = ordinals.last, ordinals.count == Self.slice else { return nil }
      if order == .oldestFirst { after = last } else { below = last }
    }
  }

  private func ordinals(
    of subject: String, after: UInt64?, below: UInt64, _ order: PostingIndex.Order
  ) throws -> [UInt64] {
    guard let known = postings[subject] else {
      return try index.ordinals(
        matching: [Term.masterData(subject).rawValue], after: after, below: below, order: order, limit: Self.slice)
    }
    let wanted = known.filter { ordinal in ordinal < below && after.map { ordinal > $0 } ?? true }
    return order == .oldestFirst ? wanted : wanted.reversed()
  }

  private mutating func read(_ record: StoredRecord, of subject: String?) throws -> Version? {
    let version = try assembler.masterData(record, of: subject)
    if version == nil { hidden += 1 } else { examined += 1 }
    return version
  }
}

/// A version of what somebody says of a subject.
struct Version: Sendable {
  /// The record's running number.
  let ordinal: UInt64
  let data: ValidatedMasterData
  let recorded: Cairn_V1_RecordedMasterData
  /// The record's size.
  let byteCount: Int
}

/// What is said of one subject.
struct Description: Sendable {
  let subject: String
  private var claims: MasterDataClaims<Version>
  /// The versions that were taken, also those that do not count.
  private(set) var count = 0

  /// Nothing yet.
  init(of subject: String, at time: Instant) {
    self.subject = subject
    claims = MasterDataClaims(at: time)
  }

  /// Takes the next version in ledger order. One that was signed by a key in other hands does not count.
  mutating func add(_ version: Version) {
    count += 1
    guard !version.recorded.authorCompromised, let member = MemberID(version.recorded.memberID) else { return }
    let data = version.data
    claims.add(version, by: member, validFrom: data.validFrom, isWithdrawn: data.masterData.withdrawn)
  }

  /// The versions that count, first that of the member that speaks for the subject.
  var standing: [Version] { claims.standing }

  /// The subject in short; nil where nobody describes it.
  var entry: Cairn_V1_MasterDataEntry? {
    let standing = standing
    guard let shown = standing.first else { return nil }
    return .with {
      $0.subject = subject
      $0.shown = shown.recorded
      $0.others = standing.dropFirst().prefix(Descriptions.maxOthers).map(\.recorded.memberID)
    }
  }
}
