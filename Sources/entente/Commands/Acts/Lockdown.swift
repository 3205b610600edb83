// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MatrixFederation
internal import PolicyEngine

/// `entente lockdown`: the emergency switches that a policy has prepared.
struct Lockdown: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a prepared lockdown in force, or end it.",
        discussion: """
            Speaks to the running gateway over its control socket, `control: { socket: PATH }` in its configuration; \
            run it as the gateway's user or root. `tighten_needs` officers must sign to switch on (1 unless the policy \
            says otherwise), `loosen_needs` to switch off (2).
            """,
        subcommands: [LockdownOn.self, LockdownOff.self, LockdownSign.self, LockdownSubmit.self, LockdownStatus.self])
}

struct LockdownStatus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say which lockdowns are in force, and which are prepared.")

    @OptionGroup var node: NodeOption

    @Flag(help: "Answer with one line of JSON.")
    var json = false

    func run() throws {
        let answer = try node.connection().ask(.status)
        guard !json else { return Terminal.say(String(decoding: answer.bytes, as: UTF8.self)) }
        let inForce = answer.list("in_force")
        let policy = answer.member("policy", of: answer.root)
        Terminal.say(
            "node \(answer.text("node")), policy \(answer.text("id", of: policy)), serial "
                + "\(answer.number("serial", of: policy) ?? 0)")
        if inForce.isEmpty { Terminal.say("no lockdown is in force") }
        for entry in inForce {
            let argument = answer.text("argument", of: entry)
            Terminal.say(
                "IN FORCE \(answer.text("name", of: entry))\(argument == "none" ? "" : " \(argument)"), number "
                    + "\(answer.number("number", of: entry) ?? 0), since \(answer.text("since", of: entry)), until "
                    + answer.text("until", of: entry))
        }
        for profile in answer.list("prepared") {
            let needs = ["tighten_needs", "loosen_needs"].map { answer.number($0, of: profile) ?? 0 }
            let longest = Duration.seconds(answer.number("max_seconds", of: profile) ?? 0)
            let state = answer.text("argument", of: profile) == "state" ? " STATE" : ""
            Terminal.say(
                "prepared \(answer.text("name", of: profile))\(state): \(answer.text("meaning", of: profile)); "
                    + (answer.isTrue("unsigned")
                        ? "nobody signs on this node" : "on needs \(needs[0]), off needs \(needs[1])")
                    + ", at most \(LockdownTime.text(longest))")
        }
        let officers = answer.texts("officers")
        if !officers.isEmpty { Terminal.say("officers: \(officers.joined(separator: ", "))") }
    }
}

/// Which gateway is spoken to.
struct NodeOption: ParsableArguments {
    @Option(help: ArgumentHelp("The node's configuration.", valueName: "file"))
    var config = "gateway.yaml"

    func connection() throws -> ControlConnection { try ControlConnection(configuration: config) }
}
