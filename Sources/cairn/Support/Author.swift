import ArgumentParser
import Capture
import Client
import FoundationEssentials
import Outbox
import Primitives
import Signing
import Terminal
import Wire

/// Opens an author's courier and says what is to be known before it sends.
enum Author {
  static func courier(_ connection: LedgerConnection, key: PrivateKey) async throws(Failure) -> Courier {
    let courier = try await Courier.open(
      connection, key: key, directory: try StateDirectory.location(environment: environment))
    let backlog = try courier.outbox.backlog()
    if backlog.batches > 0 {
      Console.messages.line("note: \(backlog.batches.counted("batch")) from an interrupted run will be sent first")
    }
    return courier
  }

  /// Says that a device's key has been at work elsewhere, or that this machine has forgotten.
  static func note(_ standing: Outbox.Standing) {
    guard case .continued(let sequence) = standing else { return }
    Console.messages.line(
      "note: this machine does not know what the key has sent so far; it goes on with batch \(sequence), and files that "
        + "were captured from elsewhere are not recognised")
  }

  /// Sends one record by itself and gives its receipt.
  static func deliver(_ record: Data, _ courier: Courier) async throws(Failure) -> Cairn_V1_Receipt {
    let once = Once(BatchDraft(records: [record], createdAt: .now))
    let last = Latest<Cairn_V1_Receipt>()
    try await courier.deliver({ once.take() }, onReceipt: { last.set($0) })
    guard let receipt = last.value else { throw Failure(.bug, "NO_RECEIPT", "the ledger gave no receipt") }
    return receipt
  }
}
