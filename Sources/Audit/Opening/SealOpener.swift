// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
package import PolicyEngine

/// Opens sealed fields with an auditor's key. Whoever uses it has put that on record before.
package struct SealOpener {
    private let files: any KeyFiles
    private let auditor: AuditorKey
    /// Opened before; so many records of a minute share one.
    private var slices: [Reference: SecretKey] = [:]
    private var read: [String: SealedKeyFile] = [:]

    /// So many keys, and so many files, are kept in memory.
    private static let keptSlices = 4096
    private static let keptFiles = 4

    package init(_ files: any KeyFiles, _ auditor: AuditorKey) {
        self.files = files
        self.auditor = auditor
    }

    /// What was sealed.
    ///
    /// - Parameter time: of the record, in microseconds since 1970-01-01T00:00:00Z; tells where the key is looked for first.
    package mutating func open(_ field: SealedField, time: Int64) throws(OpeningFault) -> [UInt8] {
        let slice = try slice(field.key, near: CalendarDay(microseconds: time))
        let text = field.key.bytes
        guard let clear = slice.open(field.box.span, beside: text.span) else { throw .box }
        return clear
    }

    private mutating func slice(_ name: Reference, near day: CalendarDay) throws(OpeningFault) -> SecretKey {
        if let slice = slices[name] { return slice }
        let candidates = try candidates(near: day)
        var otherAuditors: String?
        for candidate in candidates {
            let file = try content(candidate)
            let path = files.path(of: candidate.name)
            if let sealed = file.keys[name] {
                guard let slice = auditor.secret.openKey(sealed) else { throw .altered(file: path) }
                guard SliceKey.reference(of: slice, candidate.period, candidate.recordClass) == name else {
                    throw .otherKey(file: path)
                }
                if slices.count >= Self.keptSlices { slices.removeAll() }
                slices[name] = slice
                return slice
            }
            if file.others.contains(name) { otherAuditors = path }
        }
        if let otherAuditors { throw .otherAuditors(file: otherAuditors) }
        for candidate in candidates where abs(candidate.period.number - day.number) <= 1 {
            if let fault = try content(candidate).fault {
                throw .keyFiles(
                    .malformed(file: files.path(of: candidate.name), line: fault.line, what: fault.what))
            }
        }
        throw .missing(place: files.place)
    }

    private typealias Candidate = KeptFile<CalendarDay>

    /// The nearest days first: a record may be of the moment before the key's day or after it.
    private func candidates(near day: CalendarDay) throws(OpeningFault) -> [Candidate] {
        func distance(_ file: Candidate) -> Int { abs(file.period.number - day.number) }
        return try wrap { () throws(KeyFileFault) in try files.kept { CalendarDay($0) } }
            .sorted { (distance($0), $0.name) < (distance($1), $1.name) }
    }

    private mutating func content(_ candidate: Candidate) throws(OpeningFault) -> SealedKeyFile {
        if let file = read[candidate.name] { return file }
        let bytes = try wrap { () throws(KeyFileFault) in
            try files.locating(candidate.name) { () throws(DiskFailure) in
                try files.read(candidate.name, limit: SealedKeyFile.limit)
            }
        }
        let file = SealedKeyFile(bytes ?? [], candidate.period, candidate.recordClass, for: auditor.recipient)
        if read.count >= Self.keptFiles { read.removeAll() }
        read[candidate.name] = file
        return file
    }

    private func wrap<Result>(_ body: () throws(KeyFileFault) -> Result) throws(OpeningFault) -> Result {
        do throws(KeyFileFault) {
            return try body()
        } catch {
            throw .keyFiles(error)
        }
    }
}
