import Foundation

Allocator.keepWhatIsFreed()
exit(
  Command.run(
    Array(CommandLine.arguments.dropFirst()),
    at: Desk(
      subjects: subjects, judge: judge, console: .standard, executable: Bundle.main.executablePath)
  ).rawValue)
