// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The clocks that the writer reads.
package enum SystemClock {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package static func now() -> Int64 { read(CLOCK_REALTIME) }

    /// Microseconds since some moment; never goes back.
    package static func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
