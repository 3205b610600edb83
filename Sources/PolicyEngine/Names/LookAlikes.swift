// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Judges names that are not listed by what they look like, so that an imitation is recorded as one. AC-11, AC-12, AC-51.
///
/// Every name judged here is refused or gets the tier of unknown servers anyway: a gap in the tables costs an alarm, it
/// never lets anybody in.
struct LookAlikes: Sendable {
    enum Judgement: Hashable, Sendable {
        /// Another spelling of a listed name: upper case, a trailing dot, a port more, less or other.
        case spelling
        /// An internationalised name, or one that looks like a listed one.
        case homograph
        case address
        case plain
    }

    struct Resemblance: Hashable, Sendable {
        let judgement: Judgement
        /// Index of the listed server.
        let server: Int
    }

    private var spellings: [[UInt8]: Int] = [:]
    private var skeletons: [[UInt8]: Int] = [:]

    /// - Parameter names: sorted; where several share a spelling, the first is named.
    init(_ names: [ServerName]) {
        for (index, name) in names.enumerated() {
            let plain = Self.plainHost(name.text)
            spellings[plain] = spellings[plain] ?? index
            let skeleton = Confusables.skeleton(ofHost: plain)
            skeletons[skeleton] = skeletons[skeleton] ?? index
        }
    }

    func judge(_ name: ServerName) -> Judgement {
        if let resemblance = resembled(by: name) { return resemblance.judgement }
        if name.isIPLiteral { return .address }
        return Self.isInternationalised(Self.plainHost(name.text)) ? .homograph : .plain
    }

    func resembled(by name: ServerName) -> Resemblance? {
        let plain = Self.plainHost(name.text)
        if let server = spellings[plain] { return Resemblance(judgement: .spelling, server: server) }
        if name.isIPLiteral { return nil }
        return skeletons[Confusables.skeleton(ofHost: plain)].map { Resemblance(judgement: .homograph, server: $0) }
    }

    /// What the name looks like; its port tells two names apart.
    static func skeleton(of name: ServerName) -> [UInt8] {
        Confusables.skeleton(ofHost: plainHost(name.text)) + (name.port.map { Array(":\($0)".utf8) } ?? [])
    }

    /// The host in lower case, without port, trailing dots and brackets.
    private static func plainHost(_ text: String) -> [UInt8] {
        var host = Array(text.utf8)
        if host.first == UInt8(ascii: "[") {
            host = Array(host.dropFirst().prefix { $0 != UInt8(ascii: "]") })
        } else if let colon = host.firstIndex(of: UInt8(ascii: ":")) {
            host.removeSubrange(colon...)
        }
        while host.last == UInt8(ascii: ".") { host.removeLast() }
        for index in host.indices where (0x41...0x5A).contains(host[index]) { host[index] |= 0x20 }
        return host
    }

    /// Whether a label is an A-label: begins with `xn--`.
    private static func isInternationalised(_ host: [UInt8]) -> Bool {
        host.split(separator: UInt8(ascii: ".")).contains { $0.starts(with: Punycode.prefix) }
    }
}
