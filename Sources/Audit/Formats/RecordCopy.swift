// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
package import PolicyEngine

extension AuditSink.Format {
    /// No copy is longer, in bytes. Its size is that of the record, once or twice over, and a bounded rest.
    package static let copyLimit = 1 << 18

    /// The copy of a record in this form: one line without its end, UTF-8 without control or bidirectional characters.
    ///
    /// `json` is the record itself, byte for byte, so that its hash is the one in the log's tree.
    ///
    /// - Parameter record: canonical JSON, as the log holds it.
    /// - Returns: nil for what is no record.
    package func copy(of record: [UInt8]) -> [UInt8]? {
        RecordFields(record).map { copy(of: $0) }
    }

    func copy(of fields: RecordFields) -> [UInt8] {
        switch self {
        case .json: fields.json.bytes
        case .rfc5424: SyslogFormat.line(fields)
        case .cef: CEFFormat.line(fields)
        case .ocsf: OCSFFormat.line(fields)
        case .ecs: ECSFormat.line(fields)
        }
    }
}
