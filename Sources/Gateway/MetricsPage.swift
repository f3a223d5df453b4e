import HTTPTypes
package import HummingbirdCore

/// `/metrics`, and nothing else.
package struct MetricsPage: HTTPPages {
  private let type: String
  private let page: @Sendable () -> String

  /// What `page` gives for each request, of that content type.
  package init(type: String, page: @escaping @Sendable () -> String) {
    self.type = type
    self.page = page
  }

  /// The answer to a request.
  package func response(to request: Request) -> Response {
    guard request.uri.path == "/metrics" else { return Response(.notFound, text: "only /metrics is here\n") }
    return Response(.ok, text: page(), type: type)
  }
}
