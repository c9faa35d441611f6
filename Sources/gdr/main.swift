import Foundation
import Implementations
import Machine

StandardDescriptors.open()
Allocator.keepWhatIsFreed()
StandardOutput.ignoreBrokenPipes()
let code = Command.run(
  Array(CommandLine.arguments.dropFirst()),
  in: Context(
    implementations: Registry.all, judge: judge, console: .standard, executable: Bundle.main.executablePath))
exit(StandardOutput.checked(code).rawValue)
