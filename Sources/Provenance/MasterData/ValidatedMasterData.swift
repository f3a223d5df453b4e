package import Primitives
package import Wire

/// A description that keeps every rule which can be checked without knowing the ledger.
package struct ValidatedMasterData: Sendable {
  /// The description as it was sent.
  package let masterData: Cairn_V1_MasterData
  /// What is described, in canonical form.
  package let subject: String
  /// What the subject is a part of, in canonical form.
  package let parent: String?
  /// Where it is.
  package let location: GeoPoint?
  /// From when on this is right; nil from the beginning.
  package let validFrom: Instant?

  /// Checks everything; a failure is malformed and names the field by its proto path, such as `names[0].text`.
  package init(_ masterData: Cairn_V1_MasterData) throws(Failure) {
    self.masterData = masterData
    let subject = try MasterDataRules.identifier("subject", masterData.subject, of: masterData.kind)
    self.subject = subject.canonical
    validFrom = try MasterDataRules.validFrom(masterData.validFromMicroseconds)
    if masterData.withdrawn {
      try MasterDataRules.nothingBesideWithdrawal(masterData)
      (parent, location) = (nil, nil)
      return
    }
    try MasterDataRules.names(masterData.names)
    if masterData.hasAddress { try MasterDataRules.address(masterData.address) }
    location = masterData.hasLocation ? try MasterDataRules.location(masterData) : nil
    try MasterDataRules.gln(masterData, of: subject)
    parent = try MasterDataRules.parent(masterData, of: subject)
    try MasterDataRules.attributes(masterData.attributes)
    try MasterDataRules.images(masterData.images)
  }
}
