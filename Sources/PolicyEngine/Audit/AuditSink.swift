// SPDX-License-Identifier: Apache-2.0

/// Where copies of records go, and in which form.
package struct AuditSink: Hashable, Sendable {
    package enum Target: Hashable, Sendable {
        /// RFC 5425, with mutual authentication.
        case syslogTLS(host: String, port: Int)
        /// Lines are appended.
        case file(String)
        case standardOutput
    }

    package enum Format: String, CaseIterable, Hashable, Sendable {
        case cef
        case ecs
        case json
        case ocsf = "ocsf-1.6"
        case rfc5424
    }

    /// Where a sink begins that has nothing yet.
    package enum Start: String, CaseIterable, Hashable, Sendable {
        /// With the log's first record.
        case beginning
        /// With what is recorded from then on.
        case now
    }

    package let target: Target
    package let format: Format
    /// Bytes that wait at most while the sink takes nothing.
    package let spool: Int
    package let start: Start

    package static let defaultSpool = 1 << 30

    package init(target: Target, format: Format, spool: Int = defaultSpool, start: Start = .beginning) {
        self.target = target
        self.format = format
        self.spool = spool
        self.start = start
    }

    /// Where it leads, for people; no two sinks of a policy share it.
    package var name: String {
        switch target {
        case .syslogTLS(let host, let port): "syslog_tls \(host):\(port)"
        case .file(let path): "file \(path)"
        case .standardOutput: "stdout"
        }
    }

    var canonical: String {
        let from = start == .beginning ? "" : " from \(start.rawValue)"
        return switch target {
        case .syslogTLS(let host, let port): "syslog_tls \(host):\(port) \(format.rawValue) \(spool)\(from)"
        // The path last: it may contain spaces.
        case .file(let path): "file \(format.rawValue) \(spool)\(from) \(path)"
        case .standardOutput: "stdout \(format.rawValue) \(spool)\(from)"
        }
    }
}
