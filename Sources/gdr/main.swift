import Foundation
import Implementations

Allocator.keepWhatIsFreed()
exit(
  Command.run(
    Array(CommandLine.arguments.dropFirst()),
    in: Context(
      implementations: Registry.all, judge: judge, console: .standard,
      executable: Bundle.main.executablePath)
  ).rawValue)
