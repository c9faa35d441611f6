/// `1 case`, `2 cases`: a number and what it counts.
///
/// - Parameters:
///   - noun: in the singular.
///   - plural: where it is not the noun and an s.
package func counted(_ count: Int, _ noun: String, plural: String? = nil) -> String {
  "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
}
