import Foundation
import Machine
import Oracle

/// Where the record of a run is kept, and what is there already.
struct RecordFile {
  let path: String
  /// The folder that it lies in.
  var folder: String { Folder.place(of: path).folder }

  /// A file, or a folder in which every plan and shard has its own.
  init(_ path: String, plan: Record.Plan, shard: Int) throws {
    if path.hasSuffix("/") || Folder.isFolder(path) {
      let folder = path.hasSuffix("/") ? path : path + "/"
      try AtomicFile.makeFolder(folder)
      self.path = folder + "seed-\(plan.seed)-shard-\(shard)-of-\(plan.shards)-\(plan.digest).json"
    } else {
      self.path = path
      try AtomicFile.makeFolder(self.folder)
    }
  }

  /// The part of this run that is there; nil if there is none.
  ///
  /// - Throws: `BadFile` for a file of another run, or no record at all: it is not written over.
  ///
  /// - Parameter build: of this program, which must be that of the state where both are known.
  func part(of plan: Record.Plan, shard: Int, build: String?) throws(BadFile) -> Record.Part? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let record = try RecordFile.read(path)
    if let difference = record.plan.difference(from: plan) {
      throw BadFile(path: path, reason: "is the state of another run: \(difference)")
    }
    guard let part = record.parts.first(where: { $0.shard == shard }), record.parts.count == 1 else {
      let shards = record.parts.map { "\($0.shard)" }.joined(separator: ", ")
      throw BadFile(path: path, reason: "is the state of shard \(shards), not of \(shard)")
    }
    if let build, let theirs = part.build, build != theirs {
      throw BadFile(
        path: path,
        reason: "is the state of another run: it was run by another build of gdr; remove it to begin anew")
    }
    return part
  }

  /// Keeps other runs off it as long as this one lives.
  ///
  /// - Throws: `BadFile` if a run that lives holds it.
  func lock() throws -> FileLock {
    guard let lock = try FileLock(of: path) else {
      throw BadFile(path: path, reason: "is in use by another run that goes on")
    }
    return lock
  }

  /// Writes the record of one part in the place of what is there.
  func write(_ part: Record.Part, of plan: Record.Plan) throws {
    try AtomicFile.write(try Record(plan: plan, part: part).encoded(), to: path)
  }

  /// Reads a record, with one line for what is none.
  static func read(_ path: String) throws(BadFile) -> Record {
    do throws(UnreadableRecord) {
      return try Record(contentsOf: path)
    } catch {
      throw BadFile(path: path, reason: "\(error)")
    }
  }

  /// The seed of the run of this shard in a file, or of the latest in a folder that has not come to its end, and is
  /// otherwise of this plan.
  static func unfinishedSeed(
    in path: String, like plan: Record.Plan, shard: Int, isFinished: (Record.Part) -> Bool
  ) throws -> UInt64? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard Folder.isFolder(path) else { return try read(path).plan.seed }
    let records = Folder.files(in: path).compactMap { try? read($0) }
    let candidates = records.filter { record in
      var same = record.plan
      same.seed = plan.seed
      return same == plan && record.parts.map(\.shard) == [shard] && !isFinished(record.parts[0])
    }
    return candidates.max { $0.parts[0].clock.started < $1.parts[0].clock.started }?.plan.seed
  }
}
