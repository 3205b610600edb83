// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
package import PolicyEngine

/// Which lockdowns are in force as the log has it, for a node that has lost its `lockdown.state`. Changes nothing.
package struct LockdownTrail {
    package private(set) var register = LockdownRegister()
    /// Whether the log could be read from its first record to its last; false where bundles were moved away.
    package private(set) var isWhole = true

    private static let mark = Array(#""kind":"lockdown."#.utf8)

    package init(in directory: String) {
        do throws(StoreFailure) {
            var reader = LogReader(directory: directory)
            while let entry = try reader.next() { note(entry.record) }
        } catch .disk(let failure) {
            // No directory: a log that has not begun.
            isWhole = failure.isMissing
        } catch {
            isWhole = false
        }
    }

    private mutating func note(_ record: [UInt8]) {
        guard record.firstRange(of: Self.mark) != nil, let document = try? JSONDocument(reading: record),
            let kind = text("kind", document, document.root),
            let member = document.member("lockdown", of: document.root),
            let name = text("name", document, member)
        else { return }
        let argument = text("argument", document, member)
        let lockdown = LockdownInForce(profile: name, state: argument.flatMap { CountryCode($0) })
        switch kind {
        case "lockdown.on", "lockdown.kept":
            guard let number = document.member("number", of: member).flatMap({ document.integer($0) }), number >= 1,
                let since = text("time", document, document.root).flatMap(Self.instant),
                let until = text("until", document, document.root).flatMap(Self.instant)
            else { return }
            register = register.adding(
                LockdownRegister.Entry(lockdown: lockdown, number: number, since: since, until: until))
        case "lockdown.off", "lockdown.expired": register = register.removing([lockdown])
        default: break
        }
    }

    private func text(_ name: String, _ document: JSONDocument, _ node: JSONDocument.Node) -> String? {
        document.member(name, of: node).flatMap { document.string($0) }
    }

    /// Of `2026-11-21T03:04:05.123456Z` the second.
    private static func instant(_ text: String) -> Timestamp? { StrictDate.end(String(text.prefix(19)) + "Z") }
}
