// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
package import PolicyEngine

/// Which policy a log says was put in force last. Takes no lock and changes nothing.
///
/// Goes from the newest segment to older ones, and checks the chain of each that it reads.
package struct LastPolicy {
    /// `nil` if no segment that was read names one.
    package private(set) var floor: PolicyFloor?
    /// Whether there is a record at all.
    package private(set) var hasRecords = false

    private static let kinds = [#""kind":"policy.activated""#, #""kind":"log.start""#].map { Array($0.utf8) }

    /// - Parameter segments: how many of the newest are read at most.
    package init(in directory: String, segments limit: Int = .max) throws(StoreFailure) {
        let files = LogDirectory(directory)
        let names: [String]
        do throws(DiskFailure) {
            names = try files.segments()
        } catch {
            // No directory: a log that has not begun.
            if error.isMissing { return }
            throw .disk(error)
        }
        for (index, name) in names.reversed().prefix(limit).enumerated() {
            try read(files, name, isLast: index == 0)
            if floor != nil { return }
        }
    }

    private mutating func read(
        _ files: LogDirectory, _ segment: String, isLast: Bool
    ) throws(StoreFailure) {
        var scan = SegmentScan(files, segment)
        guard let header = try scan.header() else {
            // The newest may have been begun and not written.
            if isLast { return }
            throw scan.fault(.header, 0)
        }
        var cursor = ChainCursor(chain: header.chain, next: header.first)
        while true {
            switch try scan.peek() {
            case .end, .blank: return
            case .torn:
                if isLast { return }
                throw scan.fault(.torn, cursor.next)
            case .whole(let line):
                let bytes = scan.bytes.span
                let parts = ChainLine.parse(bytes, line)
                let fault = parts.map { cursor.take($0, of: bytes) } ?? .form
                if let fault {
                    // A write that was torn leaves zeros; a line without them was not what was written.
                    if isLast, scan.bytes[line].contains(0) { return }
                    throw scan.fault(fault, cursor.next)
                }
                hasRecords = true
                if let parts { note(scan.bytes[parts.record]) }
                scan.advance(over: line)
            }
        }
    }

    private mutating func note(_ record: ArraySlice<UInt8>) {
        guard Self.kinds.contains(where: { Self.contains(record, $0) }),
            let document = try? JSONDocument(reading: Array(record)),
            let policy = document.member("policy", of: document.root),
            let serial = document.member("serial", of: policy).flatMap({ document.integer($0) }), serial >= 1,
            let digest = document.member("sha256", of: policy).flatMap({ document.string($0) }).flatMap(
                Digest.init(hex:))
        else { return }
        let id = document.member("policy_id", of: document.root).flatMap { document.string($0) }
        floor = PolicyFloor(id: id ?? "unknown", serial: serial, sha256: digest)
    }

    /// Inside a text the quotes would be escaped.
    private static func contains(_ record: ArraySlice<UInt8>, _ wanted: [UInt8]) -> Bool {
        let span = record.span
        guard span.count >= wanted.count else { return false }
        for start in 0...(span.count - wanted.count) where span[start] == wanted[0] {
            var length = 1
            while length < wanted.count, span[start + length] == wanted[length] { length += 1 }
            if length == wanted.count { return true }
        }
        return false
    }
}
