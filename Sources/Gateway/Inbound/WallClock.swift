// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import MatrixFederation

/// What time it is, as the world counts. Tests give another.
package struct WallClock: Sendable {
    private let read: @Sendable () -> Int64

    /// - Parameter microseconds: gives microseconds since 1970-01-01T00:00:00Z.
    package init(microseconds: @escaping @Sendable () -> Int64) { read = microseconds }

    package static let system = WallClock {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    package var microseconds: Int64 { read() }

    package var now: Timestamp { Timestamp(milliseconds: read() / 1000) }
}
