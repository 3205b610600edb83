// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// Reads a policy file once and compiles what was read (AC-97).
enum PolicyFile {
    static let maxBytes = 1 << 20

    /// - Throws: `StartFailure` with one four-part message for each fault.
    static func load(_ path: String, meanwhile: String) throws -> Policy {
        try read(path, meanwhile: meanwhile).policy
    }

    /// The same with the very bytes.
    static func read(_ path: String, meanwhile: String) throws -> (policy: Policy, bytes: [UInt8]) {
        let bytes: [UInt8]
        do throws(FileBytes.Failure) {
            bytes = try FileBytes.read(path, limit: maxBytes)
        } catch {
            throw StartFailure(description: "\(error); \(meanwhile); check the path and the rights of the file")
        }
        do throws(PolicyErrors) {
            return (try Policy.compile(bytes, fileName: path, meanwhile: meanwhile), bytes)
        } catch {
            throw StartFailure(description: error.diagnostics.map(\.description).joined(separator: "\n"))
        }
    }
}
