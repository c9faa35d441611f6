import GatedDeltaRule

extension Frame {
  private static let (calls, pools) = ("calls", "pool")

  /// What a hello says of steps: `calls: packed,verify,snapshots` and `pool: kept`.
  func offeredSteps() throws(InvalidCase) -> OfferedSteps {
    guard let text = metadata[Frame.calls], text != "none" else { return [] }
    var steps: OfferedSteps = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let known = OfferedSteps.names.first(where: { $0.name == name }) else {
        let names = OfferedSteps.names.map(\.name)
        throw .metadata(
          key: Frame.calls, value: text, expected: "none or a list of \(names.joined(separator: ", "))")
      }
      steps.insert(known.steps)
    }
    switch metadata[Frame.pools] {
    case nil, "returned": return steps
    case "kept": return steps.union(.keptPool)
    case let text?: throw .metadata(key: Frame.pools, value: text, expected: "kept or returned")
    }
  }
}

extension OfferedSteps {
  /// The metadata of a hello that says the same; nothing where there is nothing to say.
  var metadata: [String: String] {
    guard areAny else { return [:] }
    let names = OfferedSteps.names.filter { contains($0.steps) }.map(\.name)
    return [
      "calls": names.joined(separator: ","), "pool": contains(.keptPool) ? "kept" : "returned",
    ]
  }
}
