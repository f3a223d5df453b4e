package import Primitives

/// The standard values of the GS1 Core Business Vocabulary 2.0, in every spelling.
package enum Vocabulary: String, Hashable, Sendable, CaseIterable {
  case bizStep, disposition, bizTransactionType, sourceDestinationType, errorReason
  case measurementType, sensorAlertType, component

  /// The one form of a value: the GS1 URI of a standard value, whether it was written `shipping`, `cbv:BizStep-shipping`,
  /// `urn:epcglobal:cbv:bizstep:shipping` or as that URI; any other URI or CURIE unchanged.
  ///
  /// A word that the standard does not define is refused with `UNKNOWN_VOCABULARY`.
  package static func canonical(_ text: String, of vocabulary: Vocabulary) throws(Failure) -> String {
    if let canonical = vocabulary.spellings[text] { return canonical }
    try vocabulary.checkForeign(text)
    return text
  }

  /// The standard's own words, in its order.
  package var words: [String] { definition.words }

  private func checkForeign(_ text: String) throws(Failure) {
    let bytes = text.utf8.span
    let isWord = bytes.firstIndex(of: UInt8(ascii: ":"), from: 0, to: bytes.count) == nil
    if isWord || definition.reserved.contains(where: { bytes.hasPrefix($0) }) {
      throw .malformed(
        "UNKNOWN_VOCABULARY", field: "",
        "'\(text.prefix(64))' is no \(definition.label) of CBV 2.0; write one of its words, for example "
          + "'\(words[0])', or a URI of your own")
    }
    try URISyntax.check(text)
  }

  private var spellings: [String: String] {
    switch self {
    case .bizStep: Self.bizSteps
    case .disposition: Self.dispositions
    case .bizTransactionType: Self.bizTransactionTypes
    case .sourceDestinationType: Self.sourceDestinationTypes
    case .errorReason: Self.errorReasons
    case .measurementType: Self.measurementTypes
    case .sensorAlertType: Self.sensorAlertTypes
    case .component: Self.components
    }
  }

  private static let bizSteps = bizStep.definition.spellings
  private static let dispositions = disposition.definition.spellings
  private static let bizTransactionTypes = bizTransactionType.definition.spellings
  private static let sourceDestinationTypes = sourceDestinationType.definition.spellings
  private static let errorReasons = errorReason.definition.spellings
  private static let measurementTypes = measurementType.definition.spellings
  private static let sensorAlertTypes = sensorAlertType.definition.spellings
  private static let components = component.definition.spellings
}
