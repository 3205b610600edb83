// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import PolicyEngine

/// Ends the refusal of traffic for a sink whose spool is full.
struct AuditResume: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let traffic pass again although a sink lacks records.",
        discussion: """
            For a policy with `on_sink_loss: refuse` or `refuse_except_own`: the older half of what waits for the sink is \
            passed over, after a record that names it; the log keeps everything. Speaks to the running gateway over its \
            control socket; run it as the gateway's user or root. Who did it is on record.
            """)

    @OptionGroup var node: NodeOption

    @Argument(
        help: ArgumentHelp("As the records name it, for example 'syslog_tls siem.example.org:6514'.", valueName: "sink")
    )
    var sink: String

    func run() throws {
        _ = try node.connection().ask(.resume(sink))
        Terminal.say("\(sink): what its spool does not hold is passed over; `sink.lost` will name the records")
    }
}
