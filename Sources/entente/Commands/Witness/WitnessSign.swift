// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit

/// `entente witness sign`: the same as the server does, for what a courier brought.
struct WitnessSign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Cosign a checkpoint that a courier brought.",
        discussion: """
            Reads what `entente witness request` made, and prints cosignature lines for `entente witness keep`. Ends with \
            1, and prints no line, if the log went back or shows another tree; the last size that was cosigned is said.
            """)

    @OptionGroup var options: WitnessOptions

    @Argument(help: "The request; `-` reads standard input.")
    var file: String

    func run() throws {
        let bytes: [UInt8]
        do throws(FileBytes.Failure) {
            bytes = try FileBytes.read(file, limit: AddCheckpoint.byteLimit)
        } catch {
            throw Ending.cannotRun("\(error); nothing was cosigned; name the request that the courier brought")
        }
        guard let request = try? AddCheckpoint(parsing: bytes) else {
            throw Ending.cannotRun(
                "\(file): it is no request to a witness; nothing was cosigned; make it with `entente witness request`")
        }
        let answer = try options.ledger().add(request)
        Terminal.complain(WitnessReply.sentence(answer))
        guard case .cosigned(let line, _) = answer else { throw Ending.refused }
        Terminal.hand(out: Array(line.text.utf8))
    }
}
