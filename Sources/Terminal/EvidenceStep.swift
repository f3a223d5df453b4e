package import Primitives

/// The steps by which evidence is verified.
package enum EvidenceStep: String, Hashable, Sendable, CaseIterable {
  case file = "FILE"
  case checkpoint = "CHECKPOINT"
  case ledger = "LEDGER"
  case record = "RECORD_PATH"
  case signature = "SIGNATURE"
  case log = "LOG_PATH"
  case keys = "KEY_CHAIN"
  case answer = "ANSWER"
  case trace = "TRACE"

  /// The step that a verifier's failure names; reading the file where it names none.
  package init(_ failure: Failure) { self = failure.metadata["step"].flatMap(EvidenceStep.init(rawValue:)) ?? .file }

  /// The step in one word.
  package var label: String {
    switch self {
    case .file: "file"
    case .checkpoint: "checkpoint"
    case .ledger: "ledger"
    case .record: "record"
    case .signature: "signature"
    case .log: "log"
    case .keys: "key"
    case .answer: "answer"
    case .trace: "trace"
    }
  }
}
