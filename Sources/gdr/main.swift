import Implementations
import Machine

StandardDescriptors.open()
Allocator.keepWhatIsFreed()
StandardOutput.ignoreSignalsOfWriting()
let code = Command.run(
  Array(CommandLine.arguments.dropFirst()),
  in: Context(
    implementations: Registry.all, judge: judge, console: .standard, executable: Executable.path))
exit(StandardOutput.checked(code).rawValue)
