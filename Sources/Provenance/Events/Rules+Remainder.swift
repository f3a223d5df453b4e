import Primitives
import Wire

extension Rules {
  /// What few events have: sensor data, master data, corrections, certifications, extensions and contexts.
  static func remainder(_ event: Cairn_V1_Event, _ extensions: inout ExtensionRules) throws(Failure) {
    if event.hasSensorElementList { try sensors(event.sensorElementList.elements, &extensions) }
    if event.hasIlmd { try extensions.check("ilmd.extensions", event.ilmd.extensions) }
    if event.hasErrorDeclaration { try errorDeclaration(event.errorDeclaration, &extensions) }
    if event.hasCertificationInfo {
      try texts("certification_info", event.certificationInfo) { path, text throws(Failure) in try uri(path, text) }
    }
    try extensions.check("extensions", event.extensions)
    try extensions.check(event.contexts)
  }

  /// A declaration says when it was made (EPCIS 2.0.1, section 7.4.1.4).
  private static func errorDeclaration(
    _ declaration: Cairn_V1_ErrorDeclaration, _ extensions: inout ExtensionRules
  ) throws(Failure) {
    try at("error_declaration") { () throws(Failure) in
      guard !declaration.declarationTime.isEmpty else {
        throw Failure.malformed("MISSING_FIELD", field: "declaration_time", "is missing")
      }
      try optionalTime("declaration_time", declaration.declarationTime)
      try optionalValue("reason", declaration.reason, of: .errorReason)
      if declaration.hasCorrectiveEventIds {
        try texts("corrective_event_ids", declaration.correctiveEventIds) { path, text throws(Failure) in
          try uri(path, text)
        }
      }
      try extensions.check("extensions", declaration.extensions)
    }
  }
}
