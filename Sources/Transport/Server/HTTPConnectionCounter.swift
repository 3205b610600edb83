// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// Counts the connections of a listener, in all and by address, across its event loops.
final class HTTPConnectionCounter: Sendable {
    private struct Counts {
        var total = 0
        var byAddress: [Address: Int] = [:]
    }

    /// An IPv4 address, or the /64 of an IPv6 address: what one party can be assumed to hold.
    struct Address: Hashable, Sendable {
        let high: UInt64

        init(_ address: SocketAddress?) {
            guard let address else {
                high = 0
                return
            }
            // The first 24 bytes of `sockaddr_in` and `sockaddr_in6`, which hold the address.
            let (first, second, third) = unsafe address.withSockAddr { pointer, size -> (UInt64, UInt64, UInt64) in
                let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: size)
                guard bytes.count >= 16 else { return (0, 0, 0) }
                let third = bytes.count >= 24 ? unsafe bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self) : 0
                return unsafe (
                    bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                    third
                )
            }
            switch address {
            case .v4: high = UInt64(littleEndian: first) >> 32
            // IPv4 seen through an IPv6 socket is ten zero bytes, two of ones, the address.
            case .v6 where second == 0 && UInt64(littleEndian: third) & 0xFFFF_FFFF == 0xFFFF_0000:
                high = UInt64(littleEndian: third) >> 32
            case .v6: high = second
            default: high = 0
            }
        }
    }

    private let total: Int
    private let perAddress: Int
    private let counts = Mutex(Counts())

    init(total: Int, perAddress: Int) {
        self.total = total
        self.perAddress = perAddress
    }

    /// Takes a place, or refuses.
    func admit(_ address: Address) -> Bool {
        counts.withLock { counts in
            guard counts.total < total, counts.byAddress[address, default: 0] < perAddress else { return false }
            counts.total += 1
            counts.byAddress[address, default: 0] += 1
            return true
        }
    }

    /// Gives a place back.
    func leave(_ address: Address) {
        counts.withLock { counts in
            counts.total -= 1
            let left = counts.byAddress[address, default: 1] - 1
            counts.byAddress[address] = left > 0 ? left : nil
        }
    }

    var count: Int { counts.withLock { $0.total } }
}
