// SPDX-License-Identifier: Apache-2.0

/// What becomes of a transaction of which some items pass and some do not (D6). The operator has to choose.
package enum MixedTransactions: String, CaseIterable, Sendable {
    /// Acknowledge it, pass nothing, record what was withheld. Events heal when later ones cite them; EDUs do not.
    case withhold
    /// Answer 403: the peer keeps the transaction and tries again, so everything it has for us waits.
    case refuse
}
