// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// One record behind the last, in a log that no gateway writes now.
package enum LoneRecord {
    package enum Fault: Error, Sendable {
        /// No journal, or no key that signs: a copy, in which nothing can be recorded.
        case copy(what: String)
        /// A gateway writes it.
        case held
        case store(StoreFailure)
    }

    /// Durable on return, and covered by a checkpoint.
    ///
    /// - Parameters:
    ///   - keyFile: of the log's secret key; `nil`: beside the directory.
    ///   - time: microseconds since 1970-01-01T00:00:00Z.
    /// - Returns: the record's number.
    package static func append(
        _ notice: AuditNotice, to directory: String, keyFile: String?, time: Int64
    ) throws(Fault) -> UInt64 {
        // Before anything is touched: a directory that is no log, or a copy of one, stays as it is.
        guard let journals = try? LogDirectory(directory).journals(), !journals.isEmpty else {
            throw .copy(what: "there is no journal in it")
        }
        var configuration = AuditConfiguration(directory: directory, node: "")
        configuration.keyFile = keyFile ?? LogKeyFile.path(for: directory)
        let key: LogKey
        do throws(AuditOpenError) {
            key = try LogKeyFile(configuration).key()
        } catch {
            throw .copy(what: "the key that signs it is not there")
        }
        let disk: FileDisk
        do throws(DiskFailure) {
            disk = try FileDisk(directory)
        } catch {
            throw error.operation == .lock ? .held : .store(.disk(error))
        }
        do throws(StoreFailure) {
            let store = try TreeStore.open(disk, key: key)
            var encoder = RecordEncoder(node: try node(of: directory, before: store.nextSequence))
            encoder.encode(notice, at: time)
            var batch = RecordBatch()
            batch.append(encoder)
            let sequence = store.nextSequence
            try store.append(batch)
            store.prepare()
            store.close()
            return sequence
        } catch {
            throw .store(error)
        }
    }

    /// The node that wrote the last record.
    private static func node(of directory: String, before next: UInt64) throws(StoreFailure) -> String {
        var reader = LogReader(directory: directory, from: max(next, 2) - 1)
        guard let entry = try reader.next(), let document = try? JSONDocument(reading: entry.record) else { return "" }
        return document.member("node", of: document.root).flatMap { document.string($0) } ?? ""
    }
}
