// SPDX-License-Identifier: Apache-2.0

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
        guard let fields = RecordFields(record) else { return nil }
        switch self {
        case .json: return record
        case .rfc5424: return SyslogFormat.line(fields)
        case .cef: return CEFFormat.line(fields)
        case .ocsf: return OCSFFormat.line(fields)
        case .ecs: return ECSFormat.line(fields)
        }
    }
}
