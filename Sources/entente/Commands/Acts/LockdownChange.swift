// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Gateway
internal import MatrixFederation
internal import PolicyEngine

/// `entente lockdown on NAME`.
struct LockdownOn: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "on", abstract: "Put a prepared lockdown in force, within a second.",
        discussion: """
            Asks the gateway for the number of its next act, makes the act, signs it with the keys that are given, hands it \
            in and says until when the lockdown lasts. Switching on one that is in force prolongs it. With `--act FILE` \
            the act is written to a file instead, for others to sign.
            """)

    @OptionGroup var what: LockdownName
    @OptionGroup var node: NodeOption
    @OptionGroup var signing: ActSigning
    @OptionGroup var output: ActOption

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long, as `12h`; without it as long as the policy allows.", valueName: "time"))
    var time: String?

    func run() throws {
        let connection = try node.connection()
        let status = try connection.ask(.status)
        let (profile, lockdown) = try what.find(in: status)
        let longest = status.number("max_seconds", of: profile) ?? 0
        var seconds = longest
        if let time {
            guard let length = LockdownTime.seconds(time) else {
                throw ValidationError(
                    "--for \(quoted(time)) is no length of time; write it like `90min`, `12h` or `3d`")
            }
            seconds = length
        }
        let act = LockdownAct(
            node: connection.node, lockdown, .on(number: status.number("next") ?? 1, seconds: seconds),
            handInBefore: LockdownTime.handInBefore)
        try output.finish(try signing.sign(act), status, profile, connection)
    }
}

/// `entente lockdown off NAME`.
struct LockdownOff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "off", abstract: "End a lockdown before its time is over.",
        discussion: """
            Two officers must sign, unless the policy says otherwise: give both keys, or write the act with \
            `--act FILE`, let the other one `entente lockdown sign FILE`, and `entente lockdown submit FILE`.
            """)

    @OptionGroup var what: LockdownName
    @OptionGroup var node: NodeOption
    @OptionGroup var signing: ActSigning
    @OptionGroup var output: ActOption

    func run() throws {
        let connection = try node.connection()
        let status = try connection.ask(.status)
        let (profile, lockdown) = try what.find(in: status)
        let entry = status.list("in_force").first {
            status.text("name", of: $0) == lockdown.profile && status.text("argument", of: $0) == lockdown.argumentWord
        }
        guard let entry, let number = status.number("number", of: entry) else {
            Terminal.complain(
                "lockdown off \(lockdown.text): it is not in force; nothing was changed; see `entente lockdown status`")
            throw Ending.refused
        }
        let act = LockdownAct(
            node: connection.node, lockdown, .off(lifts: number), handInBefore: LockdownTime.handInBefore)
        try output.finish(try signing.sign(act), status, profile, connection)
    }
}

/// `NAME [ARGUMENT]`.
struct LockdownName: ParsableArguments {
    @Argument(help: "The profile, as the policy names it under `lockdown`.")
    var name: String

    @Argument(help: "The state, for a profile that takes one.")
    var argument: String?

    func find(in status: JSONDocument) throws -> (profile: JSONDocument.Node, lockdown: LockdownInForce) {
        let prepared = status.list("prepared")
        guard let profile = prepared.first(where: { status.text("name", of: $0) == name }) else {
            let names = prepared.map { status.text("name", of: $0) }
            Terminal.complain(
                "lockdown \(quoted(name)): the policy in force has not prepared it; nothing was changed; "
                    + (names.isEmpty ? "write it under `lockdown` in the policy first" : "it has \(quotedList(names))"))
            throw Ending.refused
        }
        let takesState = status.text("argument", of: profile) == "state"
        guard takesState == (argument != nil) else {
            throw ValidationError(
                takesState
                    ? "\(quoted(name)) has to be told a state, as `\(name) RU`" : "\(quoted(name)) takes no argument")
        }
        guard let argument else { return (profile, LockdownInForce(profile: name)) }
        guard let state = CountryCode(argument) else {
            let hint = CountryCode.correction(of: argument).map { "; write \(quoted($0.code)), \($0.because)" } ?? ""
            throw ValidationError("\(quoted(argument)) is no country code of ISO 3166-1\(hint)")
        }
        return (profile, LockdownInForce(profile: name, state: state))
    }
}

/// Times of acts.
enum LockdownTime {
    static var handInBefore: Timestamp {
        let term = LockdownAct.usualTerm.components.seconds
        return WallClock.system.now.advanced(byMilliseconds: term * 1000)
    }

    static func seconds(_ text: String) -> Int64? {
        LockdownProfile.duration(text).map(\.components.seconds).flatMap { $0 > 0 ? $0 : nil }
    }

    static func text(_ duration: Duration) -> String { LockdownProfile.text(duration) }
}
