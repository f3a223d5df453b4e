import Foundation
import Ledger
import Merkle
import Primitives
import Provenance
import Queries
import SeededRandom
import SwiftProtobuf
import Wire

/// A random description and who may read it.
struct Testimony {
  static let subjects = [
    "https://id.gs1.org/414/9521321000100", "https://id.gs1.org/414/9521321000100/254/DOCK-1", "urn:uuid:place",
  ]
  static let authors: [Party] = [.acmeOperator, .zuluOperator]
  /// When all are asked about; versions may be valid from later on.
  static let now = Exchange.start.microseconds

  var subject: String
  var name: String
  var validFrom: Int64
  var isWithdrawn: Bool
  var audience: Statement

  /// A description with any content.
  init(using random: inout some RandomNumberGenerator) {
    subject = Self.subjects.randomElement(using: &random) ?? ""
    name = "name \(Int.random(in: 0..<1_000, using: &random))"
    validFrom = [0, 0, Self.now - 10, Self.now + 10].randomElement(using: &random) ?? 0
    isWithdrawn = Int.random(in: 0..<6, using: &random) == 0
    audience = Statement(using: &random)
  }

  /// A description of a subject.
  init(_ subject: String, _ name: String, _ visibility: Cairn_V1_Visibility? = nil, isWithdrawn: Bool = false) {
    self.subject = subject
    self.name = name
    self.isWithdrawn = isWithdrawn
    validFrom = 0
    audience = Statement(about: subject, visibility)
  }

  var masterData: Cairn_V1_MasterData {
    .with {
      $0.subject = subject
      $0.kind = .place
      $0.validFromMicroseconds = validFrom
      $0.withdrawn = isWithdrawn
      if !isWithdrawn { $0.names = [.with { $0.text = name }] }
    }
  }

  /// The record, the `number`-th of all.
  func record(_ number: Int) throws -> Data {
    let salt = withUnsafeBytes(of: UInt64(number).bigEndian) { Data($0) } + Data(repeating: 1, count: 8)
    let visibility = audience.visibility
    return try BatchBuilder.serialize(Cairn_V1_Record(masterData: masterData, salt: salt, visibility: visibility))
  }

  /// Whether a key of that party reads what `author` said.
  func isReadable(by party: Party, author: Party) -> Bool { audience.isReadable(by: party, author: author) }
}

/// A ledger full of random descriptions, and the same as a list.
struct Archive {
  /// A description of the list.
  struct Entry {
    let testimony: Testimony
    let author: Party
    let id: Data
  }

  let exchange: Exchange
  private(set) var entries: [Entry] = []

  /// Thirty descriptions from a seed, events between them. With `reader`, what that party may not read says something else,
  /// by `secret`.
  init(seed: UInt64, keys: Keyring? = nil, hidingFrom reader: Party? = nil, secret: UInt64 = 0) throws {
    exchange = try Exchange(keys: keys)
    var (random, others) = (SplitMix64(seed: seed), SplitMix64(seed: secret))
    for number in 0..<30 {
      let author = Testimony.authors.randomElement(using: &random) ?? .acmeOperator
      var testimony = Testimony(using: &random)
      if let reader, !testimony.isReadable(by: reader, author: author) {
        let audience = testimony.audience
        testimony = Testimony(using: &others)
        testimony.audience = audience
      }
      let record = try testimony.record(number)
      try exchange.record([try Statement(using: &random).record(number), record], by: author)
      entries.append(Entry(testimony: testimony, author: author, id: Data(MerkleTree.leafHash(record).bytes)))
    }
  }

  /// What a party may read of a subject.
  func readable(by party: Party, about subject: String) -> [Entry] {
    entries.filter { $0.testimony.subject == subject && $0.testimony.isReadable(by: party, author: $0.author) }
  }

  /// The ids of what counts of it, first who speaks.
  func standing(_ party: Party, _ subject: String) -> [Data] {
    var claims = MasterDataClaims<Data>(at: Exchange.start)
    for entry in readable(by: party, about: subject) {
      let validFrom = entry.testimony.validFrom
      guard let member = MemberID(entry.author.member) else { continue }
      claims.add(
        entry.id, by: member, validFrom: validFrom == 0 ? nil : Instant(microseconds: validFrom),
        isWithdrawn: entry.testimony.isWithdrawn)
    }
    return claims.standing
  }
}

extension Exchange {
  /// What counts of a subject; nil for one that nobody describes.
  func masterData(_ subject: String, by party: Party) async throws -> Cairn_V1_GetMasterDataResponse? {
    do throws(Failure) {
      return try await queries.getMasterData(.with { $0.subject = subject }, by: caller(party))
    } catch {
      guard error.reason == "UNKNOWN_SUBJECT" else { throw error }
      return nil
    }
  }

  func masterDataList(by party: Party, size: Int) async throws -> [Cairn_V1_ListMasterDataResponse] {
    var pages: [Cairn_V1_ListMasterDataResponse] = []
    repeat {
      let request = Cairn_V1_ListMasterDataRequest.with {
        $0.pageSize = UInt32(size)
        $0.pageToken = pages.last?.nextPageToken ?? ""
      }
      pages.append(try await queries.listMasterData(request, by: caller(party)))
    } while pages.last?.nextPageToken.isEmpty == false
    return pages
  }

  func masterDataVersions(
    _ subject: String, by party: Party, size: Int
  ) async throws -> [Cairn_V1_ListMasterDataVersionsResponse] {
    var pages: [Cairn_V1_ListMasterDataVersionsResponse] = []
    repeat {
      let request = Cairn_V1_ListMasterDataVersionsRequest.with {
        $0.subject = subject
        $0.pageSize = UInt32(size)
        $0.pageToken = pages.last?.nextPageToken ?? ""
      }
      pages.append(try await queries.listMasterDataVersions(request, by: caller(party)))
    } while pages.last?.nextPageToken.isEmpty == false
    return pages
  }
}
