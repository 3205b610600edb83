// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit

/// `entente audit check`: whether a proof proves.
struct AuditCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the proof of one record, without the log.",
        discussion: """
            Prints the record if it is in the log that the key signs, and ends with 0; ends with 1 if the proof does not \
            hold, with 2 if it cannot be read.
            """)

    @Argument(help: "The proof, as `entente audit prove` printed it; `-` reads standard input.")
    var file: String

    @Option(help: ArgumentHelp("The log's public key, as NAME+ID+KEY or as a file with that in it.", valueName: "vkey"))
    var key: String

    @Flag(help: "Answer as a line of JSON.")
    var json = false

    func run() throws {
        let key = try LogOptions.noteKey(key)
        let text: [UInt8]
        do throws(FileBytes.Failure) {
            text = try FileBytes.read(file, limit: RecordProof.byteLimit)
        } catch {
            throw Ending.cannotRun("\(error); nothing was checked; name a proof of a record")
        }
        do throws(RecordProof.Refusal) {
            let proof = try RecordProof(parsing: text)
            let checkpoint = try proof.check(key)
            let record = String(decoding: proof.record, as: UTF8.self)
            if json {
                Terminal.say(
                    JSONValue.object([
                        ("proved", .truth(true)), ("origin", .text(checkpoint.origin)),
                        ("record_number", .number(Int(clamping: proof.index + 1))),
                        ("size", .number(Int(clamping: checkpoint.size))), ("record", .text(record)),
                    ]).line)
            } else {
                Terminal.say(record)
                Terminal.say(
                    "record \(proof.index + 1) of the log \(checkpoint.origin), which had \(checkpoint.size) then")
            }
        } catch {
            if json { Terminal.say(JSONValue.object([("proved", .truth(false)), ("what", .text("\(error)"))]).line) }
            Terminal.complain("\(file): \(error); the record is not proved; ask for the proof again")
            throw Ending.refused
        }
    }
}
