// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MatrixFederation
internal import PolicyEngine

/// The options that describe one request of a question to a policy.
struct RequestOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The server that asks.", valueName: "server"))
    var from: String?

    @Option(help: ArgumentHelp("The server that is asked; without it any server of ours.", valueName: "server"))
    var to: String?

    @Option(name: .customLong("class"), help: ArgumentHelp("The endpoint class, as in `may:`.", valueName: "class"))
    var endpointClass: String?

    @Option(help: ArgumentHelp("The endpoint's id, as in audit records.", valueName: "id"))
    var endpoint: String?

    @Option(help: ArgumentHelp("Method and path, as `PUT /_matrix/federation/v1/send/1`.", valueName: "line"))
    var request: String?

    @Option(help: "Who asks: `inbound`, a remote server ours, or `outbound`, ours a remote one.")
    var direction: Direction = .inbound

    @Option(help: ArgumentHelp("Server or user that an event is by; asks about `send`.", valueName: "server"))
    var author: String?

    @Option(help: ArgumentHelp("The event's type; `m.room.message` without it.", valueName: "type"))
    var eventType: String?

    @Option(help: ArgumentHelp("The event's `msgtype`.", valueName: "type"))
    var msgtype: String?

    @Option(help: ArgumentHelp("The event's `algorithm`.", valueName: "name"))
    var algorithm: String?

    @Option(help: ArgumentHelp("The user who sends the event, or on whose behalf is asked.", valueName: "user"))
    var sender: String?

    @Option(help: ArgumentHelp("The user whom a membership or a request is about.", valueName: "user"))
    var target: String?

    @Flag(inversion: .prefixedNo, help: "The event is state, or is none; without it as its type mostly is.")
    var stateEvent: Bool?

    @Option(help: ArgumentHelp("A kind of EDU, as `typing` or `m.typing`; asks about `send`.", valueName: "kind"))
    var edu: String?

    @Option(help: ArgumentHelp("Judge the other server as a new one of this state.", valueName: "code"))
    var state: String?

    @Option(
        help: ArgumentHelp("The network over which it is asked; the other server's own without it.", valueName: "name"))
    var network: String?

    @Option(help: ArgumentHelp("The room that the request names.", valueName: "id"))
    var room: String?

    /// Whether any of them was given.
    var isGiven: Bool {
        let asked: [Any?] = [
            from, to, endpointClass, endpoint, request, author, edu, state, network, room, eventType, msgtype,
            algorithm, sender, target, stateEvent,
        ]
        return asked.contains { $0 != nil }
    }
}
