import Foundation
import Machine

/// What a run has to say, as commands of a GitHub workflow: they show up beside the change and in the summary.
enum Annotations {
  static func lines(_ night: Nights.Night) -> [String] {
    let notices = Notice.all(night).map { notice in
      let file = notice.file.map { "file=\(property($0))," } ?? ""
      return
        "::\(notice.isError ? "error" : "warning") \(file)title=\(property(notice.title))::\(data(notice.text))"
    }
    let ledger = night.ledger
    let sum =
      "\(counted(ledger.cases, "case")) of seed \(night.total.plan.seed), "
      + counted(night.findings.count, "finding")
    return notices + ["::notice title=gdr::" + data(sum)]
  }

  /// A message may have lines.
  private static func data(_ text: String) -> String {
    text.replacingOccurrences(of: "%", with: "%25").replacingOccurrences(of: "\r", with: "%0D")
      .replacingOccurrences(of: "\n", with: "%0A")
  }

  /// In a property the separators are to be written otherwise too.
  private static func property(_ text: String) -> String {
    data(text).replacingOccurrences(of: ":", with: "%3A").replacingOccurrences(of: ",", with: "%2C")
  }
}
