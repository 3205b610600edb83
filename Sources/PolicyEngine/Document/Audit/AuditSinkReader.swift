// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads `audit.sinks`.
enum AuditSinkReader {
    private static let targets = ["file", "stdout", "syslog_tls"]

    /// Sorted: their order means nothing.
    static func read(_ value: ValueDecoder) -> [AuditSink]? {
        if value.isEmptyList { value.fail("\(value.name) names no sink", todo: "name one, or remove it") }
        var seen: Set<AuditSink.Target> = []
        let sinks = value.lenientList { item -> AuditSink? in
            guard let sink = item.mapping(sink) else { return nil }
            if !seen.insert(sink.target).inserted {
                item.fail("this sink stands in \(value.name) twice", todo: "remove one of the two")
            }
            return sink
        }
        return sinks?.sorted { $0.canonical < $1.canonical }
    }

    private static func sink(_ fields: MappingDecoder) -> AuditSink? {
        let written = targets.filter(fields.has)
        if written.count != 1 {
            fields.fail(
                written.isEmpty
                    ? "\(quoted(fields.path)) does not say where records go"
                    : "\(quoted(fields.path)) goes to \(quotedList(written, conjunction: "and")) at once",
                todo: written.isEmpty ? "write \(oneOf(targets))" : "write a sink for each")
        }
        var target = fields.optional("syslog_tls", address)
        if let path = fields.optional("file", path) { target = .file(path) }
        if fields.optional("stdout", isTrue) != nil { target = .standardOutput }
        let isSyslog = fields.has("syslog_tls")
        let format = fields.optional("format", default: isSyslog ? .rfc5424 : .json) { $0.word(AuditSink.Format.self) }
        let spool = fields.optional("spool", default: AuditSink.defaultSpool, spool)
        let start = fields.optional("from", default: .beginning) { $0.word(AuditSink.Start.self) }
        guard let target, let format, let spool, let start, written.count == 1 else { return nil }
        return AuditSink(target: target, format: format, spool: spool, start: start)
    }

    private static func spool(_ value: ValueDecoder) -> Int? {
        guard let bytes = value.byteCount else { return nil }
        guard (1 << 16...1 << 40).contains(bytes) else {
            value.fail("\(value.name) is not between 64KiB and 1024GiB", todo: "write for example `1GiB`")
            return nil
        }
        return bytes
    }

    /// `siem.example.org:6514`
    private static func address(_ value: ValueDecoder) -> AuditSink.Target? {
        guard let name = value.serverName else { return nil }
        guard let port = name.port, port > 0 else {
            value.fail("\(value.name) names no port", todo: "write it like `siem.example.org:6514`")
            return nil
        }
        return .syslogTLS(host: name.host, port: Int(port))
    }

    private static func path(_ value: ValueDecoder) -> String? {
        guard let text = value.text else { return nil }
        guard text.utf8.count <= 1024, !text.unicodeScalars.contains(where: \.isHidden) else {
            value.fail("\(value.name) is no path", todo: "write the path of a file")
            return nil
        }
        return text
    }

    private static func isTrue(_ value: ValueDecoder) -> Bool? {
        guard let isTrue = value.boolean else { return nil }
        if !isTrue { value.fail("\(value.name) is `false`", todo: "remove the sink") }
        return isTrue
    }
}
