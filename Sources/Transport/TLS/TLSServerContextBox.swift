// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Where a listener's new connections find the context of the moment. Open connections keep theirs.
package final class TLSServerContextBox: Sendable {
    private let held: Mutex<TLSServerContext>

    package init(_ context: TLSServerContext) { held = Mutex(context) }

    package var current: TLSServerContext { held.withLock { $0 } }

    /// From now on new connections use `context`.
    package func replace(with context: TLSServerContext) { held.withLock { $0 = context } }
}
