// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// Finds the pseudonyms that somebody or a file had, by the keys that are still there. Makes and destroys none.
package struct PseudonymSearch: Sendable {
    private let files: any KeyFiles

    /// More keys than a log can have: a hundred years of them.
    private static let limit = 3600

    package init(log: String) { files = KeyDirectory.pseudonyms(of: log) }

    package init(_ files: any KeyFiles) { self.files = files }

    /// Where the keys are.
    package var place: String { files.place }

    /// One reference for each key, the oldest month first; none if there are no keys.
    package func references(_ kind: Pseudonyms.Kind, _ id: String) throws(KeyFileFault) -> [Reference] {
        var references: [Reference] = []
        for file in try files.kept({ CalendarMonth($0) }).prefix(Self.limit) {
            let read = try files.locating(file.name) { () throws(DiskFailure) in
                try files.read(file.name, limit: PseudonymFile.limit)
            }
            guard var bytes = read else { continue }
            defer { bytes.wipe() }
            guard let key = PseudonymFile.key(bytes, file.period, file.recordClass) else {
                throw .malformed(file: files.path(of: file.name), line: 0, what: "it is no key of its month and class")
            }
            references.append(Reference(key.name(of: kind.rawValue, id)))
        }
        return references
    }
}
