// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NIOCore

/// Where the parts of the demonstration listen: on this machine, whatever is asked for.
enum DemoAddress {
    /// - Parameter text: `127.0.0.1:PORT`, or another address of 127.0.0.0/8, or `[::1]:PORT`.
    static func loopback(_ text: String) throws -> SocketAddress {
        let colon = text.lastIndex(of: ":") ?? text.endIndex
        let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
        guard let port = Int(text[colon...].dropFirst()), (1...65535).contains(port),
            let address = try? SocketAddress(ipAddress: host, port: port), host.hasPrefix("127.") || host == "::1"
        else {
            throw ValidationError("`\(text)` is no loopback address with a port; write it like `127.0.0.1:18448`")
        }
        return address
    }
}
