/// The names of CBV's attributes of master data, which files and standards spell in several ways.
package enum CBVAttribute {
  /// How the name begins here.
  package static let prefix = "cbvmda:"

  private static let prefixes = [
    prefix, "urn:epcglobal:cbv:mda#", "urn:epcglobal:cbv:mda:", "https://ref.gs1.org/cbv/mda#",
  ]

  /// `city` for `cbvmda:city` and `urn:epcglobal:cbv:mda#city`; nil for a name that is not CBV's.
  package static func word(of name: String) -> String? {
    prefixes.first { name.hasPrefix($0) }.map { String(name.dropFirst($0.count)) }
  }
}
