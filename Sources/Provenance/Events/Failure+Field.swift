import Primitives

/// Runs a check and puts `path` in front of the field of its failure; the path is only built when something is wrong.
func at<Value>(
  _ path: @autoclosure () -> String, _ check: () throws(Failure) -> Value
) throws(Failure) -> Value {
  do throws(Failure) {
    return try check()
  } catch {
    throw error.under(path())
  }
}
