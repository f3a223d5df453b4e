import Foundation
import Primitives
import SeededRandom
import SwiftProtobuf
import Wire

/// An endless, repeatable stream of events: many consignments under way at once, each going through its steps in order,
/// and one event in a hundred of a production in five stages (see `WorksOrder`).
///
/// An item's ten events lie as far apart in the ledger as they would in practice, among those of thousands of others.
struct SupplyChain {
  /// An item that has all its ten events, and the despatch advice that it travelled under.
  struct Finished: Sendable {
    let item, advice: String
  }

  /// A fair sample over the whole ledger.
  private(set) var sample: [Finished] = []
  /// Items at the end of the widest works orders.
  private(set) var products: [String] = []
  /// Events made so far.
  private(set) var count = 0

  private var random: SplitMix64
  private var underWay: [Consignment]
  private var nextNumber: Int
  private var orders: [WorksOrder]
  private var nextOrder: Int
  private var finished = 0
  private var clock: Int64
  private let tick: Int64
  let companies = (0..<Self.companyCount).map(Company.init)
  private let places: [[String]]

  static let companyCount = 12
  private static let placeCount = 120
  private static let sampleCount = 20_000
  private static let eventsPerOrderEvent = 100
  private static let start: Int64 = 1_640_995_200_000_000
  private static let fourYears: Int64 = 126_230_400_000_000

  /// Spreads `events` over four years of event time from 2022 on.
  init(seed: UInt64, events: Int) {
    random = SplitMix64(seed: seed)
    let concurrency = max(1, min(20_000, events / 50))
    underWay = (0..<concurrency).map { Consignment(number: $0) }
    nextNumber = concurrency
    nextOrder = max(1, min(40, events / 100_000))
    orders = (0..<nextOrder).map { WorksOrder(number: $0) }
    clock = Self.start
    tick = Self.fourYears / Int64(max(events, 1))
    places = [Company.Style.digitalLink, .urn].map { style in
      (0..<Self.placeCount).map { Company($0 % 40).place($0, in: style) }
    }
  }

  /// The next event as the bytes of a record.
  mutating func next() throws -> Data {
    clock += Int64(random.number(below: Int(2 * tick) + 1))
    count += 1
    let event = random.number(below: Self.eventsPerOrderEvent) == 0 ? nextOfOrder() : nextOfConsignment()
    return try Cairn_V1_Record.with {
      $0.salt = salt()
      $0.provenance.event = event
    }.serializedBytes()
  }

  private mutating func nextOfConsignment() -> Cairn_V1_Event {
    let slot = random.number(below: underWay.count)
    let event = event(of: underWay[slot])
    advance(slot)
    return event
  }

  private mutating func nextOfOrder() -> Cairn_V1_Event {
    let slot = random.number(below: orders.count)
    let event = event(of: orders[slot])
    if !orders[slot].advance() {
      if orders[slot].width == WorksOrder.widest { products += products(of: orders[slot]) }
      orders[slot] = WorksOrder(number: nextOrder)
      nextOrder += 1
    }
    return event
  }

  private mutating func advance(_ slot: Int) {
    if let step = Step(rawValue: underWay[slot].step.rawValue + 1) {
      underWay[slot].step = step
      return
    }
    offer(Finished(item: items(of: underWay[slot])[finished % 2], advice: advice(underWay[slot])))
    underWay[slot] = Consignment(number: nextNumber)
    nextNumber += 1
  }

  /// Reservoir sampling: every finished item is as likely to be kept as any other.
  private mutating func offer(_ item: Finished) {
    finished += 1
    if sample.count < Self.sampleCount {
      sample.append(item)
    } else {
      let slot = random.number(below: finished)
      if slot < sample.count { sample[slot] = item }
    }
  }

  private mutating func salt() -> Data {
    var words = (random.next(), random.next())
    return withUnsafeBytes(of: &words) { Data($0) }
  }
}

extension SupplyChain {
  /// What is under way: its running number, from which everything else follows, and its next step.
  struct Consignment {
    let number: Int
    var step = Step.commission
  }

  private func company(of consignment: Consignment) -> Company {
    companies[consignment.number % Self.companyCount]
  }

  private func items(of consignment: Consignment) -> [String] {
    let company = company(of: consignment)
    let product = consignment.number / Self.companyCount % 400
    return (0..<2).map { item in
      company.item(product: product, serial: "A" + Company.digits(2 * consignment.number + item, 9))
    }
  }

  private func advice(_ consignment: Consignment) -> String {
    "urn:epcglobal:cbv:bt:\(company(of: consignment).prefix)000005:DA\(consignment.number / 8)"
  }

  /// A place by number, as a company's software writes it.
  func place(_ number: Int, _ style: Company.Style) -> String { places[style == .digitalLink ? 0 : 1][number] }

  private func place(_ consignment: Consignment, _ style: Company.Style) -> String {
    var route = SplitMix64(seed: UInt64(consignment.number))
    let along = Int(route.next() % 1_000)
    switch consignment.step.stop {
    case .factory: return place(consignment.number % Self.companyCount, style)
    case .warehouse: return place(12 + along % 18, style)
    case .depot: return place(30 + along % 30, style)
    case .shop: return place(60 + along % 60, style)
    }
  }

  private mutating func event(of consignment: Consignment) -> Cairn_V1_Event {
    let company = company(of: consignment)
    let step = consignment.step
    var event = Cairn_V1_Event()
    event.type = step.type
    event.action = step.action
    event.eventTime = time(company.style)
    switch company.style {
    case .digitalLink:
      event.bizStep = step.bizStep
      event.disposition = step.disposition
    case .urn:
      event.eventID = "urn:uuid:" + uuid()
      event.bizStep = "urn:epcglobal:cbv:bizstep:" + step.bizStep
      event.disposition = "urn:epcglobal:cbv:disp:" + step.disposition
    }
    event.readPoint.id = place(consignment, company.style)
    if step.stop == .shop || step.bizStep == "receiving" { event.bizLocation.id = event.readPoint.id }
    name(consignment, company, in: &event)
    addDetails(consignment, company, to: &event)
    return event
  }

  private func name(_ consignment: Consignment, _ company: Company, in event: inout Cairn_V1_Event) {
    let items = items(of: consignment)
    switch consignment.step.subject {
    case .items: event.epcList.items = items
    case .first: event.epcList.items = [items[0]]
    case .second: event.epcList.items = [items[1]]
    case .packing:
      event.parentID = company.container(kind: 0, number: consignment.number)
      event.childEpcs.items = items
    case .loading:
      event.parentID = company.container(kind: 1, number: consignment.number / 2)
      event.childEpcs.items = [company.container(kind: 0, number: consignment.number)]
    }
  }

  private mutating func addDetails(_ consignment: Consignment, _ company: Company, to event: inout Cairn_V1_Event) {
    switch consignment.step {
    case .commission:
      event.ilmd.extensions = [
        Self.text("cbvmda:lotNumber", "L" + String(consignment.number / 200)),
        Self.text("cbvmda:itemExpirationDate", "2028-06-30"),
      ]
    case .ship, .forward:
      event.bizTransactionList.bizTransactions = [
        .with {
          $0.type = "desadv"
          $0.bizTransaction = advice(consignment)
        }
      ]
    case .measure:
      let tenths = 20 + random.number(below: 60)
      event.sensorElementList.elements = [
        .with {
          $0.reports = [
            .with {
              $0.type = "Temperature"
              $0.value = "\(tenths / 10).\(tenths % 10)"
              $0.uom = "CEL"
            }
          ]
        }
      ]
    default: break
    }
  }

  /// Devices send numbers; software that speaks EPCIS documents sends the text as well.
  func time(_ style: Company.Style) -> Cairn_V1_EventTime {
    .with {
      $0.microseconds = clock
      $0.offsetMinutes = 120
      guard style == .urn else { return }
      $0.text = Instant(microseconds: clock).description
      $0.offsetText = "+02:00"
    }
  }

  private static func text(_ name: String, _ value: String) -> Cairn_V1_Extension {
    .with {
      $0.name = name
      $0.value.text = value
    }
  }

  private mutating func uuid() -> String {
    UUID(uuid: withUnsafeBytes(of: (random.next(), random.next())) { $0.loadUnaligned(as: uuid_t.self) }).uuidString
      .lowercased()
  }
}
