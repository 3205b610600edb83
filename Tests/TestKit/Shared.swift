// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// The material beside the project that tests read: protocol vectors, recorded traffic, the lab.
///
/// `ENTENTE_SHARED` names another place than `../shared`.
package enum Shared {
    /// The project's root directory.
    package static let projectRoot: URL = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    package static let root: URL =
        ProcessInfo.processInfo.environment["ENTENTE_SHARED"].map { URL(filePath: $0) }
        ?? projectRoot.deletingLastPathComponent().appending(path: "shared")

    /// Whether the material is there; suites that need it are enabled by this. `SharedMaterialTests` fails where it
    /// must be there and is not.
    package static let isPresent = FileManager.default.fileExists(atPath: root.appending(path: "spec/vectors").path)

    /// The bytes of a file of the material, for example `spec/vectors/keys.json`.
    package static func bytes(_ path: String) throws -> Data {
        try Data(contentsOf: root.appending(path: path))
    }

    /// The `vectors` member of a vector file, as property-list objects.
    ///
    /// Foundation reads the vector *files*; inputs whose exact bytes matter are strings inside them.
    ///
    /// - Throws: also when there are none: a test over nothing would pass.
    package static func vectors(_ name: String) throws -> [[String: Any]] {
        let file = try JSONSerialization.jsonObject(with: bytes("spec/vectors/\(name).json")) as? [String: Any]
        guard let vectors = file?["vectors"] as? [[String: Any]], !vectors.isEmpty else { throw NoVectors(name: name) }
        return vectors
    }

    package struct NoVectors: Error {
        let name: String
    }
}
