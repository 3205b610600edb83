// SPDX-License-Identifier: Apache-2.0

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

    package func path(_ name: String) -> String { "\(directory)/list.\(name).floor" }

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
        let path = path(source.name)
        let line = Array("\(version) \(list.namesHash.hex)\n".utf8)
        do throws(Failure) {
            try Self.write(line, to: path, in: directory)
        } catch {
            throw .outside(
                what: "\(quoted(path)) cannot be written, \(ListFile.reason(error.code))",
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

    private struct Failure: Error { let code: Int32 }

    /// Whole or not at all: a new file, synced, takes the place of the old one.
    private static func write(_ bytes: [UInt8], to path: String, in directory: String) throws(Failure) {
        let fresh = path + ".new"
        let file = unsafe open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Failure(code: errno) }
        let put = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
        let isSynced = put == bytes.count && fsync(file) == 0
        let code = put >= 0 && put < bytes.count ? ENOSPC : errno
        close(file)
        guard isSynced else { throw Failure(code: code) }
        guard unsafe rename(fresh, path) == 0 else { throw Failure(code: errno) }
        let folder = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Failure(code: errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw Failure(code: errno) }
    }
}
