import Generator

extension Profile {
  /// The same without the cases in which nothing has to be rounded, which take a proof each.
  package var withoutExactCases: Profile {
    var profile = self
    profile.exactShare = 0
    return profile
  }
}
