import GatedDeltaRule

/// The implementations that are built in.
let subjects: [any Implementation] = []
