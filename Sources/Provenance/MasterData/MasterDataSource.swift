package import Wire

/// What is known of places, parties and products.
package protocol MasterDataSource {
  /// What the member says that speaks for the subject, which is in canonical form; nil where nobody describes it.
  mutating func masterData(of subject: String) throws -> Cairn_V1_MasterData?
}
