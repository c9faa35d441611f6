import Foundation

let desk = Desk(subjects: subjects, judge: judge, console: .standard)
exit(Command.run(Array(CommandLine.arguments.dropFirst()), at: desk).rawValue)
