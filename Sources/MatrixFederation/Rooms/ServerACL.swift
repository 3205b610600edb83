// SPDX-License-Identifier: Apache-2.0

/// Which servers may take part in a room. Source: Client-Server API, "m.room.server_acl".
///
/// Names are matched without port, whatever their case. What is not a list counts as an empty one, what is not a string
/// is skipped, and a flag that is not a boolean counts as true: the reference's reading of malformed lists.
package struct ServerACL: Sendable {
    private let allow: [Glob]
    private let deny: [Glob]
    private let allowsIPLiterals: Bool

    /// - Parameter content: the `content` of the state event.
    package init(_ content: JSONDocument.Node, in document: JSONDocument) {
        func globs(_ name: StaticString) -> [Glob] {
            guard let list = document.member(name, of: content) else { return [] }
            return document.elements(of: list).compactMap { document.decodedBytes($0).map(Glob.init) }
        }
        allow = globs("allow")
        deny = globs("deny")
        let flag = document.value("allow_ip_literals", of: content)
        allowsIPLiterals = flag.map { document.kind($0) != .false } ?? true
    }

    package func allows(_ server: ServerName) -> Bool {
        if !allowsIPLiterals && server.isIPLiteral { return false }
        let host = [UInt8](server.host.utf8).map(Glob.lowercased)
        if deny.contains(where: { $0.matches(host) }) { return false }
        return allow.contains { $0.matches(host) }
    }

    /// `*` for any run, `?` for any one byte, over the whole name.
    struct Glob: Sendable {
        private let pattern: [UInt8]

        init(_ pattern: [UInt8]) { self.pattern = pattern.map(Self.lowercased) }

        static func lowercased(_ byte: UInt8) -> UInt8 {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }

        /// Linear in the product of both lengths at worst, whatever the pattern: only the last `*` is ever gone back to.
        func matches(_ text: [UInt8]) -> Bool {
            var at = 0
            var next = 0
            var star: Int?
            var resume = 0
            while at < text.count {
                if next < pattern.count, pattern[next] == UInt8(ascii: "*") {
                    star = next
                    resume = at
                    next += 1
                } else if next < pattern.count, pattern[next] == UInt8(ascii: "?") || pattern[next] == text[at] {
                    at += 1
                    next += 1
                } else if let star {
                    resume += 1
                    at = resume
                    next = star + 1
                } else {
                    return false
                }
            }
            while next < pattern.count, pattern[next] == UInt8(ascii: "*") { next += 1 }
            return next == pattern.count
        }
    }
}
