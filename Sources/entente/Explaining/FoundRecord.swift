// SPDX-License-Identifier: Apache-2.0

internal import Audit

/// A record that `explain --record` was told: from a log by its number, or from standard input.
struct FoundRecord {
    let decision: RecordedDecision
    /// Of the log; `nil`: its rooms are not recognised.
    let references: ReferenceKey?

    private static let meanwhile = "there is no answer"

    /// - Parameter name: a number, or `-`.
    init(_ name: String, in log: String?) throws {
        references = log.flatMap { try? FileBytes.read($0 + "/salt", limit: 64) }.flatMap {
            $0.count == 32 ? ReferenceKey(salt: $0) : nil
        }
        let bytes = name == "-" ? try Self.standardInput() : try Self.find(name, in: log)
        do throws(RecordedDecision.Fault) {
            decision = try RecordedDecision(bytes)
        } catch {
            let what =
                switch error {
                case .form: "this is no record"
                case .kind(let kind): "this is a record `\(visible(kind))`, not a decision"
                }
            throw Ending.cannotRun("\(name): \(what); \(Self.meanwhile); give the record of a request")
        }
    }

    private static func standardInput() throws -> [UInt8] {
        do throws(FileBytes.Failure) {
            return try FileBytes.read("-", limit: 1 << 20)
        } catch {
            throw Ending.cannotRun("\(error); \(meanwhile); give one record as JSON")
        }
    }

    private static func find(_ name: String, in log: String?) throws -> [UInt8] {
        guard let log, let sequence = UInt64(name) else {
            throw Ending.cannotRun(
                "--record \(visible(name)): no number of a record; \(meanwhile); give its `seq` and `--log`, or `-`")
        }
        var found: [UInt8]?
        do throws(StoreFailure) {
            try LogRecords(directory: log).read(from: sequence) { record, _ in
                guard RecordNumber.of(record) == sequence else { return true }
                var bytes: [UInt8] = []
                for index in record.indices { bytes.append(record[index]) }
                found = bytes
                return false
            } fault: { _ in
            }
        } catch {
            throw Ending.cannotRun("\(visible(log)): \(error); \(meanwhile); check the path and the rights of the log")
        }
        guard let found else {
            throw Ending.cannotRun(
                "\(visible(log)): there is no record \(sequence); \(meanwhile); older segments may lie elsewhere")
        }
        return found
    }
}
