/// A production in five stages. In each, parts are packed into cases, the cases stand on a pallet, the pallet travels in a
/// container to the next company, all is unpacked, and the parts become as many others. So behind an item at the end stand
/// five times `width` others, their cases, pallets and containers.
struct WorksOrder {
  /// What happens next; a case by its number in the stage.
  enum Deed: Equatable {
    case commission, pack(Int), palletise, load, ship, receive, unload, depalletise, unpack(Int), transform
  }

  static let stages = 5
  static let itemsPerCase = 20
  /// Every other order is as wide as transformations get in practice.
  static let widest = 180

  /// Running number, from which everything else follows.
  let number: Int
  /// Items in each stage.
  let width: Int
  private var step = 0

  init(number: Int) {
    self.number = number
    width = [Self.widest, 60, Self.widest, 20][number % 4]
  }

  /// How many cases the items of a stage fill.
  var caseCount: Int { width / Self.itemsPerCase }

  /// The stage that is under way, from 0.
  var stage: Int { max(step - 1, 0) / stepsPerStage }

  /// What happens next.
  var deed: Deed {
    if step == 0 { return .commission }
    let rest = (step - 1) % stepsPerStage
    switch rest - caseCount {
    case ..<0: return .pack(rest)
    case 0: return .palletise
    case 1: return .load
    case 2: return .ship
    case 3: return .receive
    case 4: return .unload
    case 5: return .depalletise
    case 6..<caseCount + 6: return .unpack(rest - caseCount - 6)
    default: return .transform
    }
  }

  /// Goes on to the next deed; false after the last.
  mutating func advance() -> Bool {
    step += 1
    return step <= Self.stages * stepsPerStage
  }

  private var stepsPerStage: Int { 2 * caseCount + 7 }
}
