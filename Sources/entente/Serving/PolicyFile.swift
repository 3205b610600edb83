// SPDX-License-Identifier: Apache-2.0

internal import Gateway
internal import MatrixFederation
internal import PolicyEngine

/// A policy with what it was made of, so that it can be made again when only a list has changed.
struct LoadedPolicy: Sendable {
    let policy: Policy
    let path: String
    /// The file as it was read, once (AC-97).
    let bytes: [UInt8]
    let lists: ListShelf

    /// The same file with lists that were read again.
    func with(_ lists: ListShelf) throws -> LoadedPolicy {
        try LoadedPolicy(path: path, bytes: bytes, lists: lists, meanwhile: "the list that was in force stays")
    }

    /// The same policy, when what was found in the lists' files changes nothing of what it decides.
    func keeping(_ lists: ListShelf) -> LoadedPolicy {
        LoadedPolicy(policy: policy, path: path, bytes: bytes, lists: lists)
    }

    private init(policy: Policy, path: String, bytes: [UInt8], lists: ListShelf) {
        self.policy = policy
        self.path = path
        self.bytes = bytes
        self.lists = lists
    }

    /// - Throws: `StartFailure` with one four-part message for each fault.
    init(path: String, bytes: [UInt8], lists: ListShelf, meanwhile: String) throws {
        do throws(PolicyErrors) {
            policy = try Policy.compile(bytes, fileName: path, lists: lists.readings, meanwhile: meanwhile)
        } catch {
            throw StartFailure(description: error.diagnostics.map(\.description).joined(separator: "\n"))
        }
        self.path = path
        self.bytes = bytes
        self.lists = lists
    }
}

/// Reads a policy file once and compiles what was read (AC-97).
enum PolicyFile {
    static let maxBytes = 1 << 20

    /// - Parameters:
    ///   - place: where the policy will lie, if that is elsewhere: its lists are looked for beside that.
    ///   - configuration: its audit directory holds the floors of lists.
    /// - Throws: `StartFailure` with one four-part message for each fault.
    static func load(
        _ path: String, at place: String? = nil, for configuration: Configuration?, meanwhile: String
    ) throws -> LoadedPolicy {
        let floors = configuration.map { ListFloors(directory: $0.auditDirectory) }
        let bytes = try read(path, meanwhile: meanwhile)
        return try LoadedPolicy(
            path: path, bytes: bytes, lists: lists(of: bytes, place ?? path, floors), meanwhile: meanwhile)
    }

    /// The bytes of a policy's file.
    static func read(_ path: String, meanwhile: String) throws -> [UInt8] {
        do throws(FileBytes.Failure) {
            return try FileBytes.read(path, limit: maxBytes)
        } catch {
            throw StartFailure(description: "\(error); \(meanwhile); check the path and the rights of the file")
        }
    }

    /// Reads the lists that a policy names.
    static func lists(of policy: [UInt8], _ path: String, _ floors: ListFloors?) -> ListShelf {
        ListShelf(
            reading: Policy.listSources(policy), in: FilePaths(besides: path).directory, floors: floors,
            at: WallClock.system.now)
    }
}
