// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit

/// `entente audit prove`: one record with the proof that it is in the log.
struct AuditProve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove", abstract: "Print one record with a proof that anybody can check offline.",
        discussion: """
            Prints a C2SP tlog-proof: the record, its place, the hashes that lead from it to the root, and the signed \
            checkpoint. `entente audit check` reads it. It proves what the record says to whoever has the log's public \
            key, and shows nothing of other records.
            """)

    @Argument(help: "The record's number, its `seq`.")
    var record: UInt64

    @OptionGroup var options: LogOptions

    func run() throws {
        let (key, _) = try options.noteKey()
        do throws(StoreFailure) {
            Terminal.hand(out: try RecordProof(record, in: LogDirectory(options.log), key: key).text)
        } catch {
            Terminal.complain(
                "\(options.log)/\(error.description); there is no proof; "
                    + "`entente audit verify` says more; a record is signed a second after it was made")
            throw Ending.refused
        }
    }
}
