// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// What a strict reader made of some bytes.
struct ProbeAnswer: Sendable {
    /// Why bytes are refused.
    struct Fault: Sendable {
        /// As records name it, for example `json.duplicate_key`.
        let reason: String
        /// What is wrong and where, for people.
        let text: String
        /// More about it, for `--json`.
        var members: [(name: String, value: JSONValue)] = []
    }

    /// `nil` when the bytes are accepted.
    var fault: Fault?
    /// What was read, a line each; also what was read before a fault.
    var lines: [String] = []
    /// The same for `--json`.
    var members: [(name: String, value: JSONValue)] = []
    /// Goes to standard output as it is, instead of the lines.
    var output: [UInt8]?

    static func refused(_ fault: Fault) -> ProbeAnswer { ProbeAnswer(fault: fault) }

    var json: JSONValue {
        var all: [(name: String, value: JSONValue)] = [("accepted", .truth(fault == nil))]
        if let fault {
            all += [("reason", .text(fault.reason)), ("text", .text(fault.text))]
            all += fault.members
        }
        return .object(all + members)
    }

    /// Prints the answer and ends with its verdict.
    func finish(asJSON: Bool) throws {
        if asJSON {
            Terminal.say(json.line)
        } else if let output, fault == nil {
            Terminal.hand(out: output)
        } else {
            for line in lines { Terminal.say(line) }
            if let fault {
                Terminal.complain("refused: \(fault.reason): \(fault.text)")
            } else {
                Terminal.say("accepted")
            }
        }
        if fault != nil { throw Ending.refused }
    }
}
