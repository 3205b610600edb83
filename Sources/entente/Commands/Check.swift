// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `entente check`: all that is wrong with a configuration and its policy, at once.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a configuration, a policy, or both.",
        discussion: """
            Prints every error and warning on standard error, one a line: where, what, what happens meanwhile, what to \
            do. Ends with 0 if the gateway would start with them, else 1. Nothing is started or written.
            """)

    @Option(
        help: ArgumentHelp(
            "The node's configuration, with the policy and the certificates it names.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("A policy; with `--config`, instead of the one that it names.", valueName: "file"))
    var policy: String?

    @Flag(help: "Answer with one line of JSON.")
    var json = false

    func validate() throws {
        guard config != nil || policy != nil else {
            throw ValidationError("nothing to check; give `--config FILE`, `--policy FILE` or both")
        }
    }

    func run() throws {
        let check = ConfigurationCheck(configuration: config, policy: policy)
        if json {
            Terminal.say(check.json.line)
        } else {
            for error in check.errors { Terminal.complain(error) }
            for warning in check.warnings { Terminal.complain("warning: \(warning)") }
            if check.isClean {
                Terminal.say(check.summaryLine)
                for line in check.listLines + check.lockdownLines { Terminal.say(line) }
            }
        }
        if !check.isClean { throw Ending.refused }
    }
}
