// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import Glibc
internal import MatrixFederation
internal import PolicyEngine
internal import Transport

/// Puts an opening on record before anything is opened: by the gateway that writes the log, or where none runs, into it.
struct OpeningRecord {
    let log: String
    let number: String
    let ranges: RecordRanges
    let recipient: SealRecipient
    private let configuration: Configuration?

    private static let meanwhile = AuditorKeyReading.meanwhile

    init(
        log: String, _ configuration: Configuration?, number: String, _ ranges: RecordRanges, _ recipient: SealRecipient
    ) {
        self.log = log
        self.configuration = configuration
        self.number = number
        self.ranges = ranges
        self.recipient = recipient
    }

    /// - Returns: the number of the record, which is in the log when this returns.
    /// - Throws: what the command ends with, after it has said why.
    func make() throws -> UInt64 {
        let sequence = try askGateway() ?? append()
        guard isThere(sequence) else {
            throw Ending.cannotRun(
                "\(log): record \(sequence) is not this opening; \(Self.meanwhile); name the log of the gateway that was asked"
            )
        }
        return sequence
    }

    /// `nil`: no gateway runs, or none is named.
    private func askGateway() throws -> UInt64? {
        guard let path = configuration?.controlSocket else { return nil }
        let line: [UInt8]
        do throws(LocalClient.Failure) {
            line = try LocalClient.ask(ControlRequest.open(case: number, ranges, recipient).line, at: path)
        } catch {
            if error.isAbsent { return nil }
            throw Ending.cannotRun(
                "\(path): \(error.what); \(Self.meanwhile); run this as the gateway's user or as root")
        }
        guard let answer = try? JSONDocument(reading: line), answer.isTrue("ok"), let sequence = answer.number("seq"),
            sequence > 0
        else {
            let answer = try? JSONDocument(reading: line)
            for error in answer?.texts("errors") ?? ["\(path): the answer is none of a gateway"] {
                Terminal.complain(visible(error))
            }
            throw Ending.cannotRun(
                "\(path): the opening was not recorded; \(Self.meanwhile); see to the gateway's log")
        }
        return UInt64(sequence)
    }

    private func append() throws -> UInt64 {
        let opening = PrivacyNotice.Opening(
            number: number, records: ranges.texts, recipient: recipient.text, uid: getuid())
        do throws(LoneRecord.Fault) {
            return try LoneRecord.append(
                .privacy(PrivacyNotice(.opened(opening))), to: log, keyFile: configuration?.auditKeyFile,
                time: SystemClock.now())
        } catch {
            switch error {
            case .copy(let what):
                throw Ending.cannotRun(
                    "\(log): the opening cannot be recorded, \(what); \(Self.meanwhile); "
                        + "open records where the gateway writes the log, with `--config` of its node")
            case .held:
                throw Ending.cannotRun(
                    "\(log): a gateway writes it, so the opening cannot be recorded from here; \(Self.meanwhile); "
                        + "name the node's configuration with `--config`, and give it a control socket")
            case .store(let failure):
                throw Ending.cannotRun(
                    "\(log)/\(failure.description); \(Self.meanwhile); see to the disk, or ask `entente audit verify`")
            }
        }
    }

    /// What is believed is the log, not an answer.
    private func isThere(_ sequence: UInt64) -> Bool {
        var reader = LogReader(directory: log, from: sequence)
        guard let entry = try? reader.next(), entry.sequence == sequence,
            let record = try? JSONDocument(reading: entry.record)
        else { return false }
        return record.text("kind") == "admin.opened" && record.text("case") == number
            && record.text("recipient") == recipient.text && record.texts("records") == ranges.texts
    }
}
