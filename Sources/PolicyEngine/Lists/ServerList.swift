// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// The servers that a list names. Which tier they get is said by the policy, never by the list.
package struct ServerList: Hashable, Sendable {
    /// Sorted by their bytes, each once.
    package let names: [ServerName]
    /// Rises with each change; text lists have none.
    package let version: Int64?
    /// When it was made, if it says so.
    package let issued: Timestamp?
    package let expires: Timestamp?
    /// Who signed it; text lists have none.
    package let signer: ListSigner?
    /// Of the file.
    package let sha256: Digest
    /// How many entries named a server that another one had named.
    package let repeated: Int
    private let notBefore: Timestamp?

    package static let maxNames = 50_000

    init(
        names: Set<ServerName>, entries: Int, version: Int64? = nil, issued: Timestamp? = nil,
        notBefore: Timestamp? = nil, expires: Timestamp? = nil, signer: ListSigner? = nil, sha256: Digest
    ) {
        self.names = names.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
        self.version = version
        self.issued = issued
        self.notBefore = notBefore
        self.expires = expires
        self.signer = signer
        self.sha256 = sha256
        repeated = entries - names.count
    }

    /// Of the names alone: two lists of one version must have the same.
    package var namesHash: Digest {
        var bytes: [UInt8] = []
        for name in names { bytes += Array(name.text.utf8) + [0x0A] }
        return SHA256.hash(bytes)
    }

    /// Refuses a list that does not count yet or is older than the policy wants.
    ///
    /// - Parameter now: five minutes of difference between clocks are overlooked.
    package func check(_ source: ListSource, at now: Timestamp) throws(ListFault) {
        let latest = now.advanced(byMilliseconds: 300_000)
        guard [issued, notBefore].compactMap({ $0 }).allSatisfy({ $0 <= latest }) else { throw .notYetValid }
        if let version, let minimum = source.minVersion, version < minimum {
            throw .belowMinimum(version: version, minimum: minimum)
        }
    }

    /// One name of a list: lower case, and a name at all.
    static func name(_ bytes: ArraySlice<UInt8>, place: Int) throws(ListFault) -> ServerName {
        let name: ServerName
        do throws(ServerName.Malformed) {
            name = try ServerName(parsing: bytes.span)
        } catch {
            throw .name(String(decoding: bytes.prefix(80), as: UTF8.self), place: place, "is no server name")
        }
        guard !bytes.contains(where: { (0x41...0x5A).contains($0) }) else {
            throw .name(name.text, place: place, "has upper-case letters")
        }
        return name
    }
}
