// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import PolicyEngine

extension OfficerKeyFile {
    /// An officer's key, still locked.
    ///
    /// - Throws: what the command ends with, after it has said why.
    static func read(_ path: String, meanwhile: String) throws -> OfficerKeyFile {
        let bytes: [UInt8]
        do throws(FileBytes.Failure) {
            bytes = try FileBytes.read(path, limit: maxBytes)
        } catch {
            throw refused("\(error); \(meanwhile); name a key made by `entente keygen officer`")
        }
        do throws(MalformedLines) {
            return try OfficerKeyFile(parsing: bytes)
        } catch {
            throw refused(
                "\(path)\(error.line > 0 ? ":\(error.line)" : ""): \(error.what); \(meanwhile); name a key made by `entente keygen officer`"
            )
        }
    }

    private static func refused(_ why: String) -> ExitCode {
        Terminal.complain(why)
        return Ending.refused
    }
}
