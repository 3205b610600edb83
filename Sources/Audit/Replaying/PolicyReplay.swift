// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

/// Asks the decisions of a log again, of another policy.
///
/// Compared is what passed with what would pass. A record holds what was decided and references to what it was about, so
/// some questions cannot be asked again; they are counted as gaps and never guessed. What was refused for another reason
/// than the policy's stays refused.
package struct PolicyReplay {
    package internal(set) var tally = ReplayTally()

    var times: PolicyTimes
    /// The policy only watches: nothing of what it refuses after admission is refused.
    let isWatching: Bool
    let looksIntoEvents: Bool
    private let fixedTime: Timestamp?
    private let since: Timestamp?
    private let until: Timestamp?
    let rooms: RecordedRooms
    var servers = KnownServers()
    let ours: ByteTable
    /// The number after the last record's.
    private(set) var expected = 0
    var lastGap: ReplayGap?
    var lastGapRecord = 0

    static let reasons = ByteTable(ReasonCode.allCases.map(\.rawValue))
    static let classes = ByteTable(EndpointClass.allCases.map(\.rawValue))

    /// - Parameters:
    ///   - references: of the log; without them, rooms that exceptions name are not recognised.
    ///   - time: judges every record as of then; `nil`: as of when it was made.
    ///   - since: records before it are passed over.
    ///   - until: and those from then on.
    package init(
        of policy: Policy, references: ReferenceKey? = nil, at time: Timestamp? = nil, since: Timestamp? = nil,
        until: Timestamp? = nil
    ) {
        times = PolicyTimes(policy)
        isWatching = policy.mode == .shadow
        looksIntoEvents = policy.looksIntoEvents
        fixedTime = time
        self.since = since
        self.until = until
        rooms = RecordedRooms(policy, references)
        ours = ByteTable(policy.ownServers.map(\.text))
    }

    private static func sum(_ a: Int, _ b: Int) -> Int {
        let (sum, overflow) = a.addingReportingOverflow(max(b, 0))
        return overflow ? .max : sum
    }

    /// Looks at one record.
    ///
    /// - Returns: false if it has not the form of one.
    package mutating func take(_ bytes: Span<UInt8>) -> Bool {
        guard let record = RecordedRequest(bytes), let time = RecordTime.read(bytes.extracting(record.time)) else {
            return false
        }
        if expected > 0, record.sequence > expected { tally.missing += record.sequence - expected }
        expected = record.sequence + 1
        tally.records += 1
        // Refusals of strangers without a record each: nothing is known of one alone.
        if record.kind == .aggregated { tally.aggregated = Self.sum(tally.aggregated, record.count) }
        guard record.kind == .request, since.map({ time >= $0 }) ?? true, until.map({ time < $0 }) ?? true else {
            return true
        }
        tally.decisions += 1
        if tally.first == nil { tally.first = (record.sequence, time) }
        tally.last = (record.sequence, time)
        if !record.policy.isEmpty { tally.decided(by: bytes.extracting(record.policy)) }
        var effects = Effects()
        judge(record, bytes, fixedTime ?? time, &effects)
        if effects.isLoosened { tally.newlyAllowed += 1 }
        if effects.isTightened { tally.newlyRefused += 1 }
        if effects.hasGap { tally.partlyUnanswered += 1 }
        return true
    }
}
