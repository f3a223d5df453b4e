package import Primitives

/// A JSON value together with where it stood, so that an error about it can say so.
package struct JSONNode: Sendable {
  /// The value itself.
  package let value: JSONValue
  /// Where it stood.
  package let pointer: JSONPointer

  /// A value at a place.
  package init(_ value: JSONValue, at pointer: JSONPointer = .root) {
    self.value = value
    self.pointer = pointer
  }

  /// The member with this name; nil where there is none or this is no object.
  package func member(_ name: String) -> JSONNode? {
    value[name].map { JSONNode($0, at: pointer.member(name)) }
  }

  /// What is wrong with this value: `malformed`, with the pointer as the field and in the metadata.
  package func failure(_ reason: String, _ description: String) -> Failure {
    var failure = Failure.malformed(reason, field: pointer.description, description)
    failure.metadata["pointer"] = pointer.description
    return failure
  }

  /// FIELD_REQUIRED for a member that this object should have and has not; the pointer is where it would stand.
  package func missing(_ name: String) -> Failure {
    JSONNode(.null, at: pointer.member(name)).failure("FIELD_REQUIRED", "the field is missing and required here")
  }

  private func wrongType(_ wanted: String) -> Failure {
    failure("WRONG_TYPE", "\(wanted) should stand here, not \(value.kind)")
  }

  /// An object's members in order; WRONG_TYPE otherwise.
  package func members() throws(Failure) -> [(name: String, node: JSONNode)] {
    guard case .object(let members) = value else { throw wrongType("an object") }
    return members.map { ($0.name, JSONNode($0.value, at: pointer.member($0.name))) }
  }

  /// A list's elements in order; WRONG_TYPE otherwise.
  package func elements() throws(Failure) -> [JSONNode] {
    guard case .array(let elements) = value else { throw wrongType("a list") }
    return elements.enumerated().map { JSONNode($1, at: pointer.element($0)) }
  }

  /// A text, perhaps empty; WRONG_TYPE otherwise.
  package func anyText() throws(Failure) -> String {
    guard case .text(let text) = value else { throw wrongType("text") }
    return text
  }

  /// A text that is not empty; WRONG_TYPE or EMPTY_TEXT otherwise.
  package func text() throws(Failure) -> String {
    let text = try anyText()
    guard !text.isEmpty else { throw failure("EMPTY_TEXT", "the text is empty; leave the field out to say nothing") }
    return text
  }

  /// A number's text; WRONG_TYPE otherwise.
  package func number() throws(Failure) -> String {
    guard case .number(let number) = value else { throw wrongType("a number") }
    return number
  }

  /// True or false; WRONG_TYPE otherwise.
  package func boolean() throws(Failure) -> Bool {
    guard case .boolean(let flag) = value else { throw wrongType("true or false") }
    return flag
  }

  /// A time with its offset from UTC; INVALID_TIME says what is wrong.
  package func time() throws(Failure) -> RFC3339 {
    do { return try RFC3339(try text()) } catch { throw located(error) }
  }

  /// An offset from UTC in minutes; INVALID_TIME says what is wrong.
  package func zoneOffset() throws(Failure) -> Int {
    do { return try RFC3339.zoneOffset(try text()) } catch { throw located(error) }
  }

  private func located(_ inner: Failure) -> Failure {
    inner.reason == "INVALID_TIME" ? failure(inner.reason, inner.message) : inner
  }

  /// Every element as a text that is not empty.
  package func texts() throws(Failure) -> [String] {
    var texts: [String] = []
    for element in try elements() { texts.append(try element.text()) }
    return texts
  }
}
