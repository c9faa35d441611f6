import Machine

/// Why something could not be done to a file.
public typealias FileFailure = Machine.FileFailure

extension Frame {
  /// Reads a file. The header is read and checked against the size of the file before the values are read.
  ///
  /// - Throws: `FileFailure` for what cannot be read or is no regular file, `MalformedFrame` for what is no frame.
  public init(contentsOf path: String) throws {
    let file = try RegularFile(path)
    let prefix = try file.read(min(FrameHeader.prefixCount, file.size))
    let length = try FrameHeader.length(of: prefix)
    let rest = file.size - FrameHeader.prefixCount
    guard length <= rest else { throw MalformedFrame.truncated(part: "header", needed: length, found: rest) }
    let header = try FrameHeader(json: file.read(length))
    guard header.dataCount <= rest - length else {
      throw MalformedFrame.truncated(part: "data", needed: header.dataCount, found: rest - length)
    }
    guard header.dataCount == rest - length else {
      throw MalformedFrame.trailing(bytes: rest - length - header.dataCount)
    }
    // As doubles the values of a 16-bit format are four times as large.
    guard header.dataCount <= Memory.limit / 5 else {
      throw FileFailure(path, "read", .tooLarge(limit: Memory.limit / 5))
    }
    try self.init(header: header, data: file.read(header.dataCount)[...])
  }

  /// Writes a file: under a temporary name beside it, then synced and renamed, so that a reader sees the old
  /// content or the new one and never half of it.
  ///
  /// - Throws: `FileFailure`. What is at `path` and is no regular file is left alone; a link is followed.
  public func write(to path: String) throws(FileFailure) { try AtomicFile.write(encoded(), to: path) }
}
