/// First in, first out; every operation but removal from the middle takes constant time over the queue's life.
struct FIFO<Element> {
  private var elements: [Element?] = []
  private var head = 0

  var count: Int { elements.count - head }
  var isEmpty: Bool { count == 0 }
  var first: Element? { isEmpty ? nil : elements[head] }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    let element = elements[head].take()
    head += 1
    if head * 2 >= elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }

  /// Removes the first element that fits the description.
  mutating func removeFirst(where fits: (Element) -> Bool) -> Element? {
    guard let index = elements[head...].firstIndex(where: { $0.map(fits) ?? false }) else { return nil }
    return elements.remove(at: index)
  }
}
