import Consortium
package import Primitives
import Signing
package import Store

/// A node's figures at one moment.
package struct NodeFigures: Sendable {
  /// What the log and the consortium are.
  package let view: LedgerView
  /// The node's clock.
  package let now: Instant
  /// What is going to expire.
  package let forecast: ExpiryForecast
  /// Whether it takes batches.
  package let isServing: Bool
  /// Connections that are open.
  package let connections: Int
  /// Connections refused since the start because there were too many.
  package let refusedConnections: UInt64

  /// Calls that receive from subscriptions.
  package let receivers: Int
  /// Records that are still to be looked at for those of them that had caught up.
  package let subscriptionLag: UInt64

  /// The figures of these parts.
  package init(
    view: LedgerView, now: Instant, forecast: ExpiryForecast, isServing: Bool, connections: Int,
    refusedConnections: UInt64, receivers: Int = 0, subscriptionLag: UInt64 = 0
  ) {
    self.view = view
    self.now = now
    self.forecast = forecast
    self.isServing = isServing
    self.connections = connections
    self.refusedConnections = refusedConnections
    self.receivers = receivers
    self.subscriptionLag = subscriptionLag
  }

  /// The page for Prometheus.
  package var page: String {
    var page = Exposition()
    addLog(to: &page)
    addConsortium(to: &page)
    addExpiries(to: &page)
    page.add("cairn_serving", .gauge, "1 while the node takes batches, otherwise 0.", [.init(isServing ? 1 : 0)])
    page.add("cairn_connections", .gauge, "gRPC connections that are open.", [.init(connections)])
    page.add(
      "cairn_connections_refused_total", .counter, "gRPC connections refused because there were too many.",
      [.init(refusedConnections)])
    page.add("cairn_subscription_receivers", .gauge, "Calls that receive from subscriptions.", [.init(receivers)])
    page.add(
      "cairn_subscription_lag_records", .gauge,
      "Records that are still to be looked at for subscriptions that had caught up.", [.init(subscriptionLag)])
    return page.text
  }

  private func addLog(to page: inout Exposition) {
    page.add("cairn_log_size", .gauge, "Entries in the log.", [.init(view.logSize)])
    page.add("cairn_records_total", .counter, "Records in the log.", [.init(view.recordCount)])
    page.add(
      "cairn_ledger_time_seconds", .gauge, "Ledger time of the latest entry, seconds since 1970-01-01T00:00:00Z.",
      [.init(view.ledgerTime.microseconds / 1_000_000)])
  }

  private func addConsortium(to page: inout Exposition) {
    let directory = view.directory
    let time = max(now, view.ledgerTime)
    var keys: [Role: Int] = [:]
    for key in directory.keys.values {
      for role in directory.effectiveRoles(of: key, at: time) { keys[role, default: 0] += 1 }
    }
    var members: [Standing: Int] = [:]
    for member in directory.members.values { members[member.standing.latest, default: 0] += 1 }
    let electorate = directory.electorate(at: time)
    let open = directory.proposals.values.count { $0.state(at: time) == .open }
    page.add(
      "cairn_members", .gauge, "Members by how they stand.",
      Standing.allCases.map { .init(members[$0] ?? 0, ["standing": $0.rawValue]) })
    page.add(
      "cairn_keys_in_force", .gauge, "Keys in force by what they may do; a key with several roles counts for each.",
      Role.allCases.map { .init(keys[$0] ?? 0, ["role": $0.rawValue]) })
    page.add("cairn_proposals_open", .gauge, "Proposals whose votes count.", [.init(open)])
    page.add("cairn_voters", .gauge, "Members that can vote.", [.init(electorate.voters)])
    page.add("cairn_votes_needed", .gauge, "Votes that a proposal needs.", [.init(electorate.votesNeeded)])
    page.add("cairn_nodes", .gauge, "Members with a NODE key in force.", [.init(electorate.nodes)])
    page.add(
      "cairn_quorum", .gauge, "Cosignatures that make a checkpoint final.", [.init(electorate.quorum)])
  }

  private func addExpiries(to page: inout Exposition) {
    page.add(
      "cairn_key_expiry_seconds", .gauge,
      "Seconds until an ADMIN or NODE key in force ends that has no successor; keys without end are left out.",
      forecast.officers.map { officer in
        .init(
          officer.end.seconds(from: now),
          [
            "member": officer.member.description, "role": officer.roles.contains(.node) ? "node" : "admin",
            "key": "\(officer.id)",
          ])
      })
    page.add(
      "cairn_keys_expiring", .gauge, "Other keys in force without successor that end within so many days.",
      forecast.fleets.flatMap { fleet -> [Exposition.Sample] in
        [
          .init(fleet.urgent, ["member": fleet.member.description, "days": "\(ExpiryForecast.urgentDays)"]),
          .init(fleet.count, ["member": fleet.member.description, "days": "\(ExpiryForecast.warningDays)"]),
        ]
      })
    page.add(
      "cairn_tls_certificate_expiry_seconds", .gauge,
      "Seconds until the server's TLS certificate ends; negative once it has.",
      forecast.certificateEnd.map { [.init($0.seconds(from: now))] } ?? [])
  }
}
