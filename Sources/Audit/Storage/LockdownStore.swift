// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import PolicyEngine

/// Where a node remembers which lockdowns are in force: `lockdown.state` beside the log. AC-102.
///
/// A node without the file asks its log, and writes one at its start. What is there is what was written, or keeps the gateway
/// from starting: nobody is let in because a file broke.
package struct LockdownStore: Sendable {
    static let name = "lockdown.state"

    package let directory: String

    package init(directory: String) { self.directory = directory }

    package enum Fault: Error, Hashable, Sendable {
        case malformed(directory: String, line: Int, what: String)
        case disk(directory: String, DiskFailure)

        /// Where and what, for a message.
        package var description: String {
            switch self {
            case .malformed(let directory, let line, let what):
                "\(directory)/\(name)\(line > 0 ? ":\(line)" : ""): \(what)"
            case .disk(let directory, let failure): "\(directory): \(failure.description)"
            }
        }

        package var todo: String {
            switch self {
            case .malformed:
                "put back the copy of it, or remove it: then the gateway reads from the whole log what was in force"
            case .disk: "run this as the gateway's user, or see to the disk"
            }
        }
    }

    /// `nil`: there is no file.
    package func read() throws(Fault) -> LockdownRegister? {
        let bytes: [UInt8]?
        do throws(DiskFailure) {
            bytes = try SmallFile.read(Self.name, in: directory, limit: LockdownRegister.maxBytes)
        } catch {
            throw .disk(directory: directory, error)
        }
        guard let bytes else { return nil }
        do throws(MalformedLines) {
            return try LockdownRegister(parsing: bytes)
        } catch {
            throw .malformed(directory: directory, line: error.line, what: error.what)
        }
    }

    /// Whole and durable on return.
    package func write(_ register: LockdownRegister) throws(Fault) {
        do throws(DiskFailure) {
            try SmallFile.replace(Self.name, in: directory, with: register.bytes)
        } catch {
            throw .disk(directory: directory, error)
        }
    }
}
