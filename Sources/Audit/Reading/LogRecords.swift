// SPDX-License-Identifier: Apache-2.0

/// The records of a log, or of a copy of one, for asking them again. Takes no lock.
package struct LogRecords: RecordSource {
    private let files: any LogFiles

    package init(directory: String) throws(StoreFailure) { try self.init(LogDirectory(directory)) }

    /// - Throws: if there is no such directory, or it cannot be read.
    package init(_ files: any LogFiles) throws(StoreFailure) {
        self.files = files
        do throws(DiskFailure) {
            _ = try files.journals()
        } catch {
            throw .disk(error)
        }
    }

    /// How many records the last checkpoint counts, for a bar; whether it is signed is not asked.
    package var length: Int {
        guard let note = try? files.content(of: LogLayout.checkpoint, limit: SignedNote.byteLimit),
            let text = (try? SignedNote(parsing: note))?.text, let checkpoint = Checkpoint(text: text)
        else { return 0 }
        return Int(clamping: checkpoint.size)
    }

    /// A file that is missing or is none of a log is a fault, and ends the reading: nobody can tell where the next record is.
    package func read(
        from sequence: UInt64, _ take: (Span<UInt8>, RecordPlace) -> Bool, fault: (RecordFault) -> Void
    ) throws(StoreFailure) {
        var reader = LogReader(files, from: sequence)
        do throws(StoreFailure) {
            while let entry = try reader.next() {
                let place = RecordPlace(
                    file: entry.file, offset: entry.offset, position: Int(clamping: entry.sequence - 1))
                guard take(entry.record.span, place) else { return }
            }
        } catch {
            guard case .log(let found) = error else { throw error }
            fault(RecordFault(file: found.file, offset: found.offset ?? 0, what: found.kind.rawValue))
        }
    }
}
