import Implementations
import Machine

StandardDescriptors.open()
guard StandardDescriptors.areEnough else {
  Console.standard.complain(
    "too few files may be open at once: \(StandardDescriptors.fewest) are needed (ulimit -n)")
  exit(ExitCode.badFile.rawValue)
}
Allocator.keepWhatIsFreed()
StandardOutput.ignoreSignalsOfWriting()
let code = Command.run(
  Array(CommandLine.arguments.dropFirst()),
  in: Context(
    implementations: Registry.all + Registry.engines, askedByName: Registry.libraries, judge: judge,
    console: .standard, executable: Executable.path))
exit(StandardOutput.checked(code).rawValue)
