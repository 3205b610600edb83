// SPDX-License-Identifier: Apache-2.0

/// Takes copies of records to where they go.
package protocol SinkDelivery {
    /// Hands over whole lines, each with its end; when it returns they need not be handed over again.
    ///
    /// May block for a second or so, and no longer.
    mutating func deliver(_ lines: [UInt8]) throws(SinkFault)
}

/// Why a sink takes nothing.
package struct SinkFault: Error, Hashable, Sendable {
    /// For people; nothing in it comes from a peer.
    package let cause: String

    package init(_ cause: String) { self.cause = cause }
}
