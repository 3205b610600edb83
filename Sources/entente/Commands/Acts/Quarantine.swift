// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Gateway
internal import MatrixFederation
internal import PolicyEngine

/// `entente quarantine`: requests of which the gateway died.
struct Quarantine: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the requests that the gateway died of, or let one in again.",
        discussion: """
            Speaks to the running gateway over its control socket; run it as the gateway's user or root. A request during whose \
            reading the gateway died twice is refused with 503, for 7 days or until another build runs. Two officers must \
            sign to let it in before that.
            """,
        subcommands: [QuarantineList.self, QuarantineReleasing.self, QuarantineSign.self, QuarantineSubmit.self])
}

struct QuarantineList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Say which requests the gateway died of.")

    @OptionGroup var node: NodeOption

    @Flag(help: "Answer with one line of JSON.")
    var json = false

    func run() throws {
        let answer = try node.connection().ask(.quarantine)
        guard !json else { return Terminal.say(String(decoding: answer.bytes, as: UTF8.self)) }
        let requests = answer.list("requests")
        if requests.isEmpty { Terminal.say("the gateway has died of no request") }
        for request in requests {
            let isRefused = answer.member("refused", of: request).map { answer.kind($0) == .true } ?? false
            let crashes = answer.number("crashes", of: request) ?? 0
            Terminal.say(
                "\(isRefused ? "REFUSED " : "suspected ")\(answer.text("request", of: request)): "
                    + "\(crashes) crash\(crashes == 1 ? "" : "es"), last before \(answer.text("crashed", of: request)), until "
                    + answer.text("until", of: request))
        }
    }
}

/// `entente quarantine release HASH`.
struct QuarantineReleasing: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Let a request in again before its time is over.",
        discussion: """
            Two officers must sign: give both keys, or write the release with `--act FILE`, let the other one \
            `entente quarantine sign FILE`, and `entente quarantine submit FILE`.
            """)

    @Argument(help: "The request's hash, as `entente quarantine list` shows it.")
    var request: String

    @OptionGroup var node: NodeOption
    @OptionGroup var signing: ActSigning

    @Option(
        help: ArgumentHelp(
            "Write the release there instead of handing it in, for another officer to sign.", valueName: "file"))
    var act: String?

    func run() throws {
        let connection = try node.connection()
        let answer = try connection.ask(.quarantine)
        let entry = answer.list("requests").first { answer.text("request", of: $0) == request }
        guard let entry, let hash = Digest(hex: request),
            let crashed = StrictDate.end(answer.text("crashed", of: entry))
        else {
            Terminal.complain(
                "quarantine release: \(quoted(request)) is no request of which the gateway died; nothing was changed; "
                    + "see `entente quarantine list`")
            throw Ending.refused
        }
        let release = try signing.sign(
            QuarantineRelease(
                node: connection.node, request: hash, crashed: crashed, handInBefore: LockdownTime.handInBefore))
        guard let act else { return try QuarantineSubmit.submit(release, connection) }
        try release.create(at: act, need: answer.number("needs") ?? 0)
    }
}

/// `entente quarantine sign FILE`: an officer's signature under a release, anywhere.
struct QuarantineSign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign a release that another officer has made.",
        discussion:
            "Needs no gateway: says what is released, asks for the pass-phrase, puts the signature into the file.")

    @Argument(help: "The release, made with `--act FILE`.")
    var file: String

    @OptionGroup var signing: ActSigning

    func validate() throws {
        if signing.keys.isEmpty { throw ValidationError("missing expected option `--officer-key`") }
    }

    func run() throws { try QuarantineRelease.sign(file, signing) }
}

/// `entente quarantine submit FILE`: hands a release in.
struct QuarantineSubmit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Hand in a release that officers have signed.")

    @Argument(help: "The release.")
    var file: String

    @OptionGroup var node: NodeOption

    func run() throws { try Self.submit(try QuarantineRelease(readingFrom: file), try node.connection()) }

    static func submit(_ release: QuarantineRelease, _ connection: ControlConnection) throws {
        let answer = try connection.ask(.release(release))
        Terminal.say("released: \(release.request.hex); \(answer.signedBy)")
    }
}

extension QuarantineRelease: FiledAct {
    static let command = "quarantine"
    static let noun = "a release"
}
