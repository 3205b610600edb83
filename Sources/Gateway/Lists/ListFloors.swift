// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Glibc
internal import MatrixFederation
package import PolicyEngine

/// The highest version of each signed list that was ever in force, in small files beside the audit log.
///
/// `list.NAME.floor` holds one line, the version and the hash of the names. A lower version is an old list put in the place
/// of a new one; the same version with other names is a publisher who contradicts himself. Both are refused.
package struct ListFloors: Sendable {
    private let directory: String

    package init(directory: String) { self.directory = directory }

    package func path(_ name: String) -> String { "\(directory)/\(Self.file(name))" }

    private static func file(_ name: String) -> String { "list.\(name).floor" }

    /// Refuses a list that lies below its floor.
    package func check(_ list: ServerList, of source: ListSource) throws(ListFault) {
        guard let version = list.version, let floor = try floor(source.name) else { return }
        if version < floor.version {
            throw .outside(
                what: "its version \(version) is older than \(floor.version), which was in force",
                todo: "fetch the list again; remove \(quoted(path(source.name))) only if its publisher began anew")
        }
        if version == floor.version, list.namesHash.hex != floor.names {
            throw .outside(
                what: "it has other names than the list of the same version \(version) that was in force",
                todo: "ask its publisher which one is right; the next version is taken again")
        }
    }

    /// Notes that a list came into force. Durable on return.
    package func raise(to list: ServerList, of source: ListSource) throws(ListFault) {
        guard let version = list.version else { return }
        if let floor = try floor(source.name), floor.version >= version { return }
        let line = Array("\(version) \(list.namesHash.hex)\n".utf8)
        do throws(DiskFailure) {
            try SmallFile.replace(Self.file(source.name), in: directory, with: line)
        } catch {
            throw .outside(
                what: "\(quoted(path(source.name))) cannot be written, \(ListFile.reason(error.code))",
                todo: "free space or correct the rights of the directory")
        }
    }

    private struct Floor {
        let version: Int64
        let names: String
    }

    private func floor(_ name: String) throws(ListFault) -> Floor? {
        let path = path(name)
        if ListFile.stamp(path) == nil, errno == ENOENT { return nil }
        let text = String(decoding: try ListFile.read(path, limit: 256).bytes, as: UTF8.self)
        let words = text.dropLast().split(separator: " ", omittingEmptySubsequences: false)
        guard text.hasSuffix("\n"), words.count == 2, let version = Int64(words[0]), version >= 0,
            words[1].utf8.count == 64
        else {
            throw .outside(
                what: "\(quoted(path)) does not hold a version and a hash",
                todo: "find out who changed it; remove it only if you know which version was in force last")
        }
        return Floor(version: version, names: String(words[1]))
    }
}
