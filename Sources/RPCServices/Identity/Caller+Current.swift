package import Consortium
package import Queries

extension Caller {
  /// Who makes the call that is being answered: what `IdentityInterceptor` found. Nobody, outside of calls.
  @TaskLocal package static var current = Caller.anyone
}

extension Queries.Identification {
  /// How the caller identified itself.
  @TaskLocal package static var current = Queries.Identification.none
}
