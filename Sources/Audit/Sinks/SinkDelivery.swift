// SPDX-License-Identifier: Apache-2.0

/// Takes copies of records to where they go.
package protocol SinkDelivery {
    /// What became of what was handed over. Does not block. When it throws, all that is not confirmed is forgotten.
    mutating func look() throws(SinkFault) -> SinkProgress

    /// Hands over whole pieces; called only where there is room.
    ///
    /// May block for a second or so, and no longer. When it throws, all that is not confirmed is forgotten.
    ///
    /// - Parameter last: the number of the last record in them.
    mutating func deliver(_ pieces: [UInt8], upTo last: UInt64) throws(SinkFault) -> SinkProgress
}

/// How far a sink is with what was handed over.
package struct SinkProgress: Hashable, Sendable {
    /// Up to this record nothing has to be handed over again; `nil`: nothing new.
    package var confirmed: UInt64?
    /// Whether more can be handed over now.
    package var hasRoom: Bool

    package init(confirmed: UInt64? = nil, hasRoom: Bool) {
        self.confirmed = confirmed
        self.hasRoom = hasRoom
    }
}

/// Takes whole lines and is done with them when it returns.
package protocol LineDelivery: SinkDelivery {
    mutating func deliver(_ lines: [UInt8]) throws(SinkFault)
}

extension LineDelivery {
    package mutating func look() throws(SinkFault) -> SinkProgress { SinkProgress(hasRoom: true) }

    package mutating func deliver(_ pieces: [UInt8], upTo last: UInt64) throws(SinkFault) -> SinkProgress {
        try deliver(pieces)
        return SinkProgress(confirmed: last, hasRoom: true)
    }
}

/// Why a sink takes nothing.
package struct SinkFault: Error, Hashable, Sendable {
    /// For people; nothing in it comes from a peer.
    package let cause: String

    package init(_ cause: String) { self.cause = cause }
}
