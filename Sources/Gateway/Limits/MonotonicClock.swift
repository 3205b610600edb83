// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A clock that nobody can set, for what is counted in spans of time. Tests give another.
package struct MonotonicClock: Sendable {
    private let read: @Sendable () -> Int64

    /// - Parameter nanoseconds: gives nanoseconds since some instant, never fewer than before.
    package init(nanoseconds: @escaping @Sendable () -> Int64) { read = nanoseconds }

    package static let system = MonotonicClock {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    package var nanoseconds: Int64 { read() }
}
