// SPDX-License-Identifier: Apache-2.0

/// Some of a policy's networks, by their index; the Internet is 0.
struct NetworkSet: OptionSet, Hashable, Sendable {
    let rawValue: UInt32

    /// - Parameter index: at most `NetworkDefinition.maxCount`.
    init(network index: Int) { rawValue = index < 32 ? 1 << UInt32(index) : 0 }
    init(rawValue: UInt32) { self.rawValue = rawValue }

    static let internet = NetworkSet(network: 0)

    var indices: [Int] { (0..<32).filter { contains(NetworkSet(network: $0)) } }
}
