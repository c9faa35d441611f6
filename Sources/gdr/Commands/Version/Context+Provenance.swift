import Foundation
import Machine
import Oracle

extension Context {
  /// Where the numbers of a command that begins now come from.
  var provenance: Provenance {
    Provenance(
      version: version, revision: Checkout.revision.digits, words: words, machine: Computer.text,
      started: Date().timeIntervalSince1970)
  }
}
