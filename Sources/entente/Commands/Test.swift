// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Gateway
internal import PolicyEngine

/// `entente test`: asks policies the questions of test files and compares the answers.
struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the tests of policies.",
        discussion: """
            Each file names its policy, relative to itself, and questions with the answers that are expected. Prints a line \
            for each failure and a summary. Ends with 0 if all pass, 1 if one fails, 2 if a file or its policy cannot be used.
            """)

    @Argument(help: ArgumentHelp("Files of tests.", valueName: "file"))
    var files: [String]

    @Option(help: ArgumentHelp("Write the outcomes there as JUnit XML; the file is replaced.", valueName: "file"))
    var junit: String?

    @Flag(help: "Answer with one line of JSON.")
    var json = false

    func run() throws {
        var reports: [TrialReport] = []
        var isComplete = true
        for file in files {
            do {
                reports.append(try report(file))
            } catch {
                Terminal.complain("\(error)")
                isComplete = false
            }
        }
        if let junit {
            do throws(ReplacedFile.Failure) {
                try ReplacedFile.write(junit, Array(JUnitReport(reports: reports).text.utf8))
            } catch {
                throw Ending.cannotRun(error.description)
            }
        }
        let tests = reports.reduce(0) { $0 + $1.run.outcomes.count }
        let failed = reports.reduce(0) { $0 + $1.failed.count }
        if json {
            Terminal.say(
                JSONValue.object([
                    ("ok", .truth(isComplete && failed == 0)), ("tests", .number(tests)), ("failed", .number(failed)),
                    ("files", .list(reports.map(\.json))),
                ]).line)
        } else {
            for report in reports {
                for failure in report.failures { Terminal.say(failure) }
                Terminal.say(report.coverage)
            }
            Terminal.say("\(tests) test\(tests == 1 ? "" : "s"), \(failed) failed")
        }
        if !isComplete { throw Ending.cannotRun }
        if failed > 0 { throw Ending.refused }
    }

    private func report(_ file: String) throws -> TrialReport {
        let meanwhile = "no test of this file is run"
        let bytes: [UInt8]
        do throws(FileBytes.Failure) {
            bytes = try FileBytes.read(file, limit: PolicyFile.maxBytes)
        } catch {
            throw StartFailure(description: "\(error); \(meanwhile); check the path and the rights of the file")
        }
        let trials: PolicyTrialFile
        do throws(PolicyErrors) {
            trials = try PolicyTrialFile.read(bytes, fileName: file)
        } catch {
            throw StartFailure(description: error.diagnostics.map(\.description).joined(separator: "\n"))
        }
        let path = trials.policy.hasPrefix("/") ? trials.policy : Self.directory(of: file) + trials.policy
        let policy = try self.policy(path, for: trials, in: file, meanwhile: meanwhile)
        let faults = PolicyTrialRun.faults(trials, of: policy, fileName: file)
        guard faults.isEmpty else {
            throw StartFailure(description: faults.map(\.description).joined(separator: "\n"))
        }
        return TrialReport(file: file, run: PolicyTrialRun(trials, of: policy))
    }

    /// The lists that the file of tests brings are not looked for.
    private func policy(
        _ path: String, for trials: PolicyTrialFile, in file: String, meanwhile: String
    ) throws -> Policy {
        guard !trials.lists.isEmpty else { return try PolicyFile.load(path, for: nil, meanwhile: meanwhile).policy }
        let bytes = try PolicyFile.read(path, meanwhile: meanwhile)
        let brought = trials.readings(for: Policy.listSources(bytes))
        if let name = brought.unknown.first {
            throw StartFailure(
                description:
                    "\(file): `lists` brings \(quoted(name)), a list that \(quoted(path)) does not have; \(meanwhile); "
                    + "correct its name, or remove it")
        }
        let readings = PolicyFile.lists(of: bytes, path, nil).readings.merging(brought.readings) { _, brought in brought }
        do throws(PolicyErrors) {
            return try Policy.compile(bytes, fileName: path, lists: readings, meanwhile: meanwhile)
        } catch {
            throw StartFailure(description: error.diagnostics.map(\.description).joined(separator: "\n"))
        }
    }

    /// With its slash; empty for a name alone.
    private static func directory(of file: String) -> String {
        file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    }
}
