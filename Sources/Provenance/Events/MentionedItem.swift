/// An item or a class of items that an event speaks of, by its canonical identifier.
package struct MentionedItem: Hashable, Sendable {
  /// In what part of the event it is named.
  package enum Role: UInt8, Hashable, Sendable, CaseIterable {
    case object, parent, child, input, output
  }

  /// The identifier in canonical form.
  package let canonical: String
  /// In what part of the event it is named.
  package let role: Role
  /// Whether it stands in a quantity list: some amount of a class or lot, not one thing.
  package let isQuantity: Bool

  /// Names `canonical` in a role.
  package init(canonical: String, role: Role, isQuantity: Bool = false) {
    self.canonical = canonical
    self.role = role
    self.isQuantity = isQuantity
  }
}
