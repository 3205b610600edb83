// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What the key ring knows of one key at one moment.
package enum KeyLookup: Hashable, Sendable {
    case known(RequestKey)
    /// Fetching may help: `KeyRing.fetch`, then look again and take `settled`.
    case mustFetch

    /// What counts when no further fetch is waited for.
    package var settled: RequestKey {
        switch self {
        case .known(let key): key
        case .mustFetch: .unavailable
        }
    }
}
