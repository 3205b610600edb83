// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// Where a redirect of a well-known request leads: an absolute `https` URL, or a path on the same host.
package struct RedirectTarget: Hashable, Sendable {
    /// Host and optional port, as in the Host header.
    package let authority: ServerName
    /// Path and query.
    package let path: String

    package static let maxBytes = 2_048

    package init(authority: ServerName, path: String) {
        self.authority = authority
        self.path = path
    }

    /// `nil` for another scheme, user information, an authority that is no server name, or bytes that no URL has.
    package init?(location: String, from origin: ServerName) {
        var text = location[...]
        guard text.utf8.count <= RedirectTarget.maxBytes, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !text.utf8.contains(UInt8(ascii: "\\"))
        else { return nil }
        if let fragment = text.firstIndex(of: "#") { text = text[..<fragment] }
        if text.hasPrefix("/"), !text.hasPrefix("//") {
            self.init(authority: origin, path: String(text))
            return
        }
        let scheme = "https://"
        guard text.prefix(scheme.count).lowercased() == scheme else { return nil }
        let rest = text.dropFirst(scheme.count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let authority = try? ServerName(String(rest[..<end])) else { return nil }
        let path = rest[end...]
        self.init(authority: authority, path: path.hasPrefix("/") ? String(path) : "/" + path)
    }
}
