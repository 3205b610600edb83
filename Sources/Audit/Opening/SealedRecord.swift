// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// What opening needs of a record.
package struct SealedRecord: Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package let time: Int64
    /// `nil`: nothing in it is sealed.
    package let field: SealedField?

    /// - Returns: `nil` for what is no record, or has a `sealed` that is none.
    package init?(_ record: [UInt8]) {
        guard let document = try? JSONDocument(reading: record),
            let text = document.member("time", of: document.root).flatMap({ document.string($0) }),
            let time = RecordTime.microseconds(text.utf8.span)
        else { return nil }
        self.time = time
        guard let sealed = document.member("sealed", of: document.root) else {
            field = nil
            return
        }
        guard let box = document.member("box", of: sealed).flatMap({ document.string($0) }).flatMap(Base64.decode(_:)),
            let key = document.member("key", of: sealed).flatMap({ document.string($0) }).flatMap(Reference.init(hex:))
        else { return nil }
        field = SealedField(key: key, box: box)
    }
}
