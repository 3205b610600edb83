// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension LockdownAct {
    /// - Parameter bytes: the whole file; it has one spelling, anything else is refused.
    package init(parsing bytes: [UInt8]) throws(MalformedLines) {
        var lines = try LineReader(bytes, maxBytes: Self.maxBytes)
        try lines.take("entente lockdown act 1") { $0 == ["entente", "lockdown", "act", "1"] ? true : nil }
        let node = try lines.take("node NAME") { $0.value("node").flatMap { $0.utf8.count <= 64 ? $0 : nil } }
        let word = try lines.take("do on` or `do off") { words -> String? in
            words.value("do").flatMap { $0 == "on" || $0 == "off" ? $0 : nil }
        }
        let profile = try lines.take("profile NAME") { words -> String? in
            words.value("profile").flatMap { $0.utf8.count <= 64 ? $0 : nil }
        }
        let state = try lines.take("argument STATE` or `argument none") { $0.argument }
        let change: Change
        if word == "on" {
            let number = try lines.take("number N") { $0.number("number", in: 1 ... .max) }
            let seconds = try lines.take("for SECONDS") { $0.number("for", in: 1...Self.longest) }
            change = .on(number: number, seconds: seconds)
        } else {
            change = .off(lifts: try lines.take("lifts N") { $0.number("lifts", in: 1 ... .max) })
        }
        let end = try lines.take("hand-in-before YYYY-MM-DDThh:mm:ssZ") { $0.instant("hand-in-before") }
        self.init(node: node, LockdownInForce(profile: profile, state: state), change, handInBefore: end)
        signatures = try lines.officers()
    }
}

extension [String] {
    /// `.some(nil)`: none.
    var argument: CountryCode?? { value("argument").flatMap(Self.argument) }

    static func argument(_ text: String) -> CountryCode?? {
        if text == "none" { return .some(nil) }
        return CountryCode(text).map { .some($0) }
    }
}
