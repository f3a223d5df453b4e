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
    let standard = vocabulary.standard
    if let canonical = standard.spellings[text] { return canonical }
    let bytes = text.utf8.span
    let isWord = bytes.firstIndex(of: UInt8(ascii: ":"), from: 0, to: bytes.count) == nil
    if isWord || standard.reserved.contains(where: { bytes.hasPrefix($0) }) {
      throw .malformed(
        "UNKNOWN_VOCABULARY", field: "",
        "'\(text.prefix(64))' is no \(standard.label) of CBV 2.0; write one of its words, for example "
          + "'\(standard.words[0])', or a URI of your own")
    }
    try URISyntax.check(text)
    return text
  }

  /// The standard's own words.
  package var words: [String] { standard.words }

  private var standard: StandardValues {
    switch self {
    case .bizStep: .bizSteps
    case .disposition: .dispositions
    case .bizTransactionType: .bizTransactionTypes
    case .sourceDestinationType: .sourceDestinationTypes
    case .errorReason: .errorReasons
    case .measurementType: .measurementTypes
    case .sensorAlertType: .sensorAlertTypes
    case .component: .components
    }
  }
}
