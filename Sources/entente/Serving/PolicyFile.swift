// SPDX-License-Identifier: Apache-2.0

internal import Gateway
internal import MatrixFederation
internal import PolicyEngine

/// Reads a policy file once and compiles what was read (AC-97).
enum PolicyFile {
    static let maxBytes = 1 << 20

    /// - Parameter configuration: its homeservers have to be the policy's own.
    /// - Throws: `StartFailure` with one four-part message for each fault.
    static func load(_ path: String, for configuration: Configuration?, meanwhile: String) throws -> Policy {
        let policy = try load(path, meanwhile: meanwhile)
        for homeserver in configuration?.homeservers ?? [] where !policy.isOwn(homeserver.serverName) {
            throw StartFailure(
                description: "\(path): `\(homeserver.serverName.text)` is not under `self.servers`; \(meanwhile); "
                    + "add it to the policy or take it out of `homeservers`")
        }
        return policy
    }

    private static func load(_ path: String, meanwhile: String) throws -> Policy {
        let bytes: [UInt8]
        do throws(FileBytes.Failure) {
            bytes = try FileBytes.read(path, limit: maxBytes)
        } catch {
            throw StartFailure(description: "\(error); \(meanwhile); check the path and the rights of the file")
        }
        do throws(PolicyErrors) {
            return try Policy.compile(bytes, fileName: path, meanwhile: meanwhile)
        } catch {
            throw StartFailure(description: error.diagnostics.map(\.description).joined(separator: "\n"))
        }
    }
}
