package import Consortium

extension Caller {
  /// Who makes the call that is being answered: what `IdentityInterceptor` found. Nobody, outside of calls.
  @TaskLocal package static var current = Caller.anyone
}
