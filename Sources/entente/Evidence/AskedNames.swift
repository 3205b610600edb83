// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import MatrixFederation
internal import PolicyEngine

/// Turns the ids that somebody asks for into the references by which a log names them.
///
/// For rooms and events that takes the log's salt, for users and files the keys of pseudonyms that are still there.
struct AskedNames {
    let log: String

    static func isReference(_ text: String) -> Bool {
        text.utf8.count == 32 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    func room(_ text: String) throws -> String {
        if Self.isReference(text) { return text }
        guard (try? RoomID(text)) != nil else {
            throw ValidationError(
                "--room \(quoted(text)) is neither a room's ID nor a reference of 32 hexadecimal digits")
        }
        return try salt().reference(.room, text).hex
    }

    /// Both spellings of an ID in Base64 come to one reference.
    func event(_ text: String) throws -> String {
        if Self.isReference(text) { return text }
        guard text.utf8.first == UInt8(ascii: "$"), text.utf8.count <= 255 else {
            throw ValidationError(
                "--event \(quoted(text)) is neither an event's ID nor a reference of 32 hexadecimal digits")
        }
        return try salt().reference(.event, EventID.urlSafe(text)).hex
    }

    func users(_ text: String) throws -> [String] {
        if Self.isReference(text) { return [text] }
        guard (try? UserID(text)) != nil else {
            throw ValidationError(
                "--user \(quoted(text)) is neither a user's ID nor a pseudonym of 32 hexadecimal digits")
        }
        return try pseudonyms(.user, text)
    }

    /// A file by its ID, or `mxc://server/id`.
    func media(_ text: String) throws -> [String] {
        if Self.isReference(text) { return [text] }
        var id = text
        if text.hasPrefix("mxc://") {
            let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty else {
                throw ValidationError("--media \(quoted(text)) is no `mxc://server/id`")
            }
            id = String(parts[1])
        }
        return try pseudonyms(.media, id)
    }

    private func salt() throws -> ReferenceKey {
        let path = log + "/salt"
        guard let salt = try? FileBytes.read(path, limit: 64), salt.count == 32 else {
            throw Ending.cannotRun(
                "\(path): the log's salt is not there or cannot be read, and without it no id can be found; "
                    + "there is no answer; ask where the salt is, or for the reference itself (docs/audit.md)")
        }
        return ReferenceKey(salt: salt)
    }

    private func pseudonyms(_ kind: Pseudonyms.Kind, _ id: String) throws -> [String] {
        let search = PseudonymSearch(log: log)
        let found: [Reference]
        do throws(KeyFileFault) {
            found = try search.references(kind, id)
        } catch {
            throw Ending.cannotRun("\(error); there is no answer; \(error.todo)")
        }
        guard !found.isEmpty else {
            throw Ending.cannotRun(
                "\(search.place): no key of pseudonyms is there, and without them no user and no file can be found; there is no "
                    + "answer; ask where the keys are, or for the pseudonym itself (docs/audit.md)")
        }
        return found.map(\.hex)
    }
}
