// SPDX-License-Identifier: Apache-2.0

import Audit
import Foundation
import MatrixFederation
import PolicyEngine
import Testing

/// A log with records in which something is sealed to an auditor, and the auditor's keys.
struct SealedLog {
    let directory: TemporaryDirectory
    var log: String { path("audit") }
    /// As `entente keygen auditor` printed it.
    let recipient: String

    func path(_ name: String) -> String { directory.url.appending(path: name).path }

    /// - Parameter clear: what is sealed, in one record each.
    init(_ clear: [String], split: Bool = false) throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        func path(_ name: String) -> String { directory.url.appending(path: name).path }
        for name in ["pass", "pass2"] {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: try directory.file(name, "correct horse battery \(name)\n"))
        }
        let made = try Entente.run(
            ["keygen", "auditor", "--out", path("a.key"), "--passphrase-file", path("pass")]
                + (split ? ["--split", path("b.key"), "--passphrase-file", path("pass2")] : []))
        try #require(made.status == 0, "\(made.errors)")
        recipient = made.text.trimmingCharacters(in: .newlines)
        let signing = try LogKey.generate(name: "gw-1/test")
        _ = try directory.file("audit.key", signing.line)
        try Self.append(clear, to: path("audit"), signing.key, recipient)
    }

    /// Puts records behind the last one of a log that no gateway writes.
    static func append(_ clear: [String], to log: String, _ key: LogKey, _ recipient: String) throws {
        let store = try TreeStore.open(try FileDisk(log), key: key)
        let sealer = RecordSealer(KeyDirectory.sealed(of: log))
        let auditor = try #require(SealRecipient(recipient))
        let now = SystemClock.now()
        sealer.take(try sealer.prepare([auditor], time: now))
        var batch = RecordBatch()
        for text in clear {
            let field = try #require(try sealer.seal(Array(text.utf8), .allow))
            let head =
                #"{"kind":"request","node":"gw-1","sealed":{"box":"\#(Base64.encode(field.box))","key":"\#(field.key.hex)"},"seq":"#
            batch.append(
                Array("\(head),\"time\":\"\(AuditTime.text(microseconds: now))\",\"v\":1}".utf8),
                sequenceOffset: head.utf8.count)
        }
        try store.append(batch)
        store.prepare()
        store.close()
    }

    /// `entente audit open`, of this log unless told otherwise.
    func open(_ arguments: String..., keys: [String] = ["a.key"], passes: [String] = ["pass"], log: String? = nil)
        throws
        -> Entente.Ended
    {
        try Entente.run(
            ["audit", "open", "--log", log ?? self.log, "--case", "case-17"]
                + keys.flatMap { ["--key", path($0)] } + passes.flatMap { ["--passphrase-file", path($0)] } + arguments)
    }

    func records() throws -> [String] {
        var reader = LogReader(directory: log)
        var records: [String] = []
        while let entry = try reader.next() { records.append(String(decoding: entry.record, as: UTF8.self)) }
        return records
    }
}
