// SPDX-License-Identifier: Apache-2.0

package import PolicyEngine

extension AuditSink {
    /// A record as it is sent there: a line with its end, or for syslog a message with its length before it (RFC 5425, section
    /// 4.3), in which a format of its own is the text.
    ///
    /// - Parameter record: canonical JSON, as the log holds it.
    /// - Returns: nil for what is no record.
    package func piece(of record: [UInt8]) -> [UInt8]? {
        guard let fields = RecordFields(record) else { return nil }
        let copy = format.copy(of: fields)
        guard case .syslogTLS = target else { return copy + [0x0A] }
        let message = format == .rfc5424 ? copy : SyslogFormat.message(fields, text: copy)
        return Array("\(message.count) ".utf8) + message
    }
}
