import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Provenance
import Queries
import SeededRandom
import Signing
import SwiftProtobuf
import Wire

/// A ledger full of random events, and the same events as a list.
struct Population {
  /// An event of the list.
  struct Entry {
    let statement: Statement
    let author: Party
    let record: Data
    let position: UInt64
    let index: UInt32

    var id: Data { Data(MerkleTree.leafHash(record).bytes) }
  }

  let exchange: Exchange
  private(set) var entries: [Entry] = []

  /// Some 20 batches from a seed. With `reader`, what that party may not read says something else, by `secret`.
  init(seed: UInt64, keys: Keyring? = nil, hidingFrom reader: Party? = nil, secret: UInt64 = 0) throws {
    exchange = try Exchange(keys: keys)
    var (random, others) = (SplitMix64(seed: seed), SplitMix64(seed: secret))
    for _ in 0..<20 {
      let author = Party.authors.randomElement(using: &random) ?? .acmeDevice
      var statements = (0..<Int.random(in: 1...6, using: &random)).map { _ in Statement(using: &random) }
      for number in statements.indices {
        guard let reader, !statements[number].isReadable(by: reader, author: author) else { continue }
        let visibility = statements[number].visibility
        statements[number] = Statement(using: &others)
        statements[number].visibility = visibility
      }
      let records = try statements.enumerated().map { try $0.element.record(entries.count + $0.offset) }
      let position = try exchange.record(records, by: author)
      for (index, statement) in statements.enumerated() {
        entries.append(
          Entry(
            statement: statement, author: author, record: records[index], position: position, index: UInt32(index)))
      }
    }
  }

  /// What a party may read.
  func readable(by party: Party) -> [Entry] { entries.filter { $0.statement.isReadable(by: party, author: $0.author) } }

  /// Filters of all kinds and what they should find among all entries.
  static func filters(_ exchange: Exchange) -> [(filter: Cairn_V1_EventFilter, matches: (Entry) -> Bool)] {
    let base: Int64 = 1_780_000_000_000_000
    let device = exchange.keys[.zuluDevice].publicKey.id
    return [
      (.init(), { _ in true }),
      (.with { $0.items = [Statement.items[0]] }, { $0.statement.item == Statement.items[0] }),
      (
        .with {
          $0.items = [Statement.items[1], Statement.items[2]]
          $0.bizSteps = ["shipping"]
        }, { Statement.items[1...2].contains($0.statement.item) && $0.statement.step == "shipping" }
      ),
      (.with { $0.places = [Statement.places[0]] }, { $0.statement.place == Statement.places[0] }),
      (.with { $0.eventIds = ["urn:uuid:3"] }, { $0.statement.eventID == "urn:uuid:3" }),
      (.with { $0.authorKeyIds = [Data(device.digest.bytes)] }, { $0.author == .zuluDevice }),
      (
        .with {
          $0.eventTimeFrom.microseconds = base + 10_000_000
          $0.eventTimeBefore.microseconds = base + 20_000_000
        }, { (10..<20).contains($0.statement.seconds) }
      ),
      (.with { $0.eventTimeFrom.microseconds = base + 900_000_000 }, { _ in false }),
      (.with { $0.items = ["https://id.gs1.org/01/09521321000018/21/UNKNOWN"] }, { _ in false }),
    ]
  }
}
