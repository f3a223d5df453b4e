package import Consortium
package import Primitives
import Signing

/// What is going to expire, and has not been replaced.
package struct ExpiryForecast: Hashable, Sendable {
  /// How long before something ends people are told, in days.
  package static let warningDays: Int64 = 30
  /// How long before it ends it is an error that nobody did anything, in days.
  package static let urgentDays: Int64 = 7
  /// Most keys that are told one by one.
  package static let maxKeys = 1_000

  /// An ADMIN or NODE key with an end.
  package struct Officer: Hashable, Sendable {
    package let id: KeyID
    package let member: MemberID
    package let roles: Roles
    package let label: String
    package let end: Instant
  }

  /// A member's other keys that end within the warning time.
  package struct Fleet: Hashable, Sendable {
    package let member: MemberID
    package let count: Int
    /// How many of them end within the urgent time.
    package let urgent: Int
    package let earliest: Instant
  }

  /// ADMIN and NODE keys in force that have an end and no successor, at most 1,000, those that end first first.
  package let officers: [Officer]
  /// Members with other keys that end soon, by id.
  package let fleets: [Fleet]
  /// When the server's TLS certificate ends, if it has one.
  package let certificateEnd: Instant?
  private let now: Instant

  /// What there is to say at `now` of a consortium, and of the server's TLS certificate.
  package init(_ directory: Directory, certificateEnd: Instant?, now: Instant) {
    self.now = now
    self.certificateEnd = certificateEnd
    let replaced = Set(directory.keys.values.compactMap(\.replaces))
    var officers: [Officer] = []
    var ends: [MemberID: [Instant]] = [:]
    for key in directory.keys.values {
      guard let end = key.notAfter.latest, !replaced.contains(key.id), directory.condition(of: key, at: now) == .inForce
      else { continue }
      if key.isGoverning {
        officers.append(Officer(id: key.id, member: key.memberID, roles: key.roles, label: key.label, end: end))
      } else if end < now.later(days: Self.warningDays) {
        ends[key.memberID, default: []].append(end)
      }
    }
    self.officers = Array(officers.sorted { ($0.end, $0.id) < ($1.end, $1.id) }.prefix(Self.maxKeys))
    let urgent = now.later(days: Self.urgentDays)
    fleets = ends.map { member, ends in
      Fleet(member: member, count: ends.count, urgent: ends.count { $0 < urgent }, earliest: ends.min() ?? now)
    }.sorted { $0.member.description < $1.member.description }
  }

  /// A sentence for the log, and whether it is late.
  package struct Warning: Hashable, Sendable {
    package let isUrgent: Bool
    package let text: String
  }

  /// Nothing, as long as nothing ends within 30 days.
  package var warnings: [Warning] {
    var warnings: [Warning] = []
    if let end = certificateEnd, let time = remaining(until: end) {
      warnings.append(
        Warning(
          isUrgent: isUrgent(end),
          text: "the TLS certificate of this server \(time): make a new one with cairnd certificate, then send SIGHUP"))
    }
    for officer in officers {
      guard let time = remaining(until: officer.end) else { continue }
      let label = officer.label.isEmpty ? "" : " '\(officer.label)'"
      warnings.append(
        Warning(
          isUrgent: isUrgent(officer.end),
          text: "key \(officer.id) of \(officer.member), \(officer.roles)\(label), \(time): let the members rotate it"))
    }
    for fleet in fleets {
      let urgent = fleet.urgent == 0 ? "" : ", \(fleet.urgent) of them within \(Self.urgentDays) days"
      warnings.append(
        Warning(
          isUrgent: fleet.urgent > 0,
          text:
            "\(fleet.count) other keys of \(fleet.member) expire within \(Self.warningDays) days\(urgent), the first at "
            + "\(fleet.earliest): let its admin rotate them"))
    }
    return warnings
  }

  private func isUrgent(_ end: Instant) -> Bool { end < now.later(days: Self.urgentDays) }

  /// Nil while there is more than the warning time.
  private func remaining(until end: Instant) -> String? {
    guard end < now.later(days: Self.warningDays) else { return nil }
    guard now < end else { return "expired at \(end)" }
    let days = (end.microseconds - now.microseconds) / Instant.dayMicroseconds
    return "expires at \(end), in \(days == 0 ? "less than a day" : days == 1 ? "1 day" : "\(days) days")"
  }
}

extension Instant {
  static let dayMicroseconds: Int64 = 86_400_000_000

  func later(days: Int64) -> Instant {
    let (sum, overflow) = microseconds.addingReportingOverflow(days * Self.dayMicroseconds)
    return overflow ? .latest : Instant(microseconds: sum)
  }

  /// Seconds from `now` until this instant, rounded down; negative where it has passed.
  func seconds(from now: Instant) -> Int64 { (microseconds - now.microseconds) / 1_000_000 }
}
