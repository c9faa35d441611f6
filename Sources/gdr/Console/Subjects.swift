import Implementations

/// The implementations that are built in.
let subjects = Registry.all
