// SPDX-License-Identifier: Apache-2.0

/// Bounds of the key cache. Times are in milliseconds.
package struct KeyCacheLimits: Sendable {
    /// Shortest time between two fetches from one server, whatever asks for them.
    package var minFetchInterval: Int64 = 60_000
    /// Pause after the first failed fetch; doubles with each further one.
    package var firstBackoff: Int64 = 30_000
    package var maxBackoff: Int64 = 3_600_000
    package var maxServers = 4_096
    /// Fingerprints remembered for each server, to notice a key id that comes back with other bytes.
    package var maxFingerprintsPerServer = 128
    package var maxConcurrentFetches = 8
    package var maxQueuedFetches = 256

    package init() {}
}
