// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit

/// `entente audit …`: what the log proves, and what is in it.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Verify the audit log, prove what is in it, and find it.",
        subcommands: [
            AuditVerify.self, AuditProve.self, AuditCheck.self, AuditCopy.self, AuditIndexCommand.self, AuditQuery.self,
            AuditTail.self, AuditLedger.self, AuditReport.self, AuditExport.self, AuditOpen.self, AuditResume.self,
        ])
}

/// Where a log is, and whose it should be.
struct LogOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The log's directory, or a copy of it.", valueName: "dir"))
    var log = "audit"

    @Option(
        help: ArgumentHelp(
            """
            The log's public key, as NAME+ID+KEY or as a file with that in it. Without it the key in the directory is \
            used, which proves nothing against somebody who can replace that, too.
            """, valueName: "vkey"))
    var key: String?

    /// The key, and whether it came with the log itself.
    func noteKey() throws -> (key: NoteKey, isFromLog: Bool) {
        if let key { return (try Self.noteKey(key), false) }
        return (try Self.noteKey("\(log)/\(LogLayout.verifierKey)"), true)
    }

    /// A key as it is, or the file that has it.
    static func noteKey(_ text: String) throws -> NoteKey {
        if let key = try? NoteKey(parsing: text) { return key }
        let bytes: [UInt8]
        do throws(FileBytes.Failure) {
            bytes = try FileBytes.read(text, limit: 4096)
        } catch {
            throw Ending.cannotRun("\(error); nothing was checked; name the log's public key with --key")
        }
        guard let key = try? NoteKey(parsing: String(decoding: bytes, as: UTF8.self)) else {
            throw Ending.cannotRun(
                "\(text): it is no public key of a log; nothing was checked; name the key as NAME+ID+KEY, or a file with it"
            )
        }
        return key
    }
}
