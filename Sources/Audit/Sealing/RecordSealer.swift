// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
package import PolicyEngine
internal import Synchronization

/// Seals what is personal in records to the auditors whom the policy names.
///
/// Each class of records has a slice key of its own for about a minute. Before a record uses it, it is in the side file of its day and
/// class, sealed to each auditor, durably. Then it is forgotten: the gateway cannot read back what it sealed, and who
/// destroys the side file has made the fields unreadable for everybody.
package final class RecordSealer: Sendable {
    package struct Limits: Sendable {
        /// A key that was used is followed by another after so long. Microseconds.
        package var lifetime: Int64 = 60_000_000
        /// Or after so many records.
        package var records = 65_536
        /// So long after its first use a key that cannot be followed by another seals nothing more. Microseconds.
        package var longest: Int64 = 600_000_000

        package init() {}
    }

    /// Slice keys that are durable and not in use yet.
    package struct Prepared: Sendable {
        let recipients: [SealRecipient]
        /// In the order of the classes; `nil`: those in use fit.
        let slices: [SliceKey]?
    }

    private struct State {
        var recipients: [SealRecipient] = []
        /// One for each class, or none at all.
        var slices: [SliceKey] = []
        var failure: KeyFileFault?
    }

    private let files: any KeyFiles
    private let limits: Limits
    private let monotonic: @Sendable () -> Int64
    private let state = Mutex(State())
    /// Held while files are written; never on a request's way.
    private let filing = Mutex(())

    package init(
        _ files: any KeyFiles, limits: Limits = Limits(),
        monotonic: @escaping @Sendable () -> Int64 = { SystemClock.monotonic() }
    ) {
        self.files = files
        self.limits = limits
        self.monotonic = monotonic
    }

    /// Seals for the auditors; no disk is touched.
    ///
    /// - Returns: `nil` when the policy names no auditors: then there is nothing to be sealed, and what is personal is not recorded.
    /// - Throws: when it must be sealed and cannot: then there must be no record, and nothing passes.
    package func seal(
        _ clear: [UInt8], _ recordClass: AuditTerms.RecordClass
    ) throws(AuditError) -> SealedField? {
        let slice: SliceKey? = state.withLock { state in
            state.slices.isEmpty ? nil : state.slices[recordClass.place]
        }
        guard let slice else { return nil }
        guard clear.count <= SealedField.clearLimit else { throw .unsealed(cause: "there is too much to be sealed") }
        guard let field = slice.seal(clear.span, now: monotonic(), atMostFor: limits.longest) else {
            throw .unsealed(cause: state.withLock { $0.failure?.description } ?? "there is no new key yet")
        }
        return field
    }

    /// Whether the policy in force names auditors.
    package var seals: Bool { state.withLock { !$0.slices.isEmpty } }

    /// Makes keys for other auditors, durably; `take` puts them in use.
    package func prepare(_ recipients: [SealRecipient], time: Int64) throws(KeyFileFault) -> Prepared {
        let isSame = state.withLock { $0.recipients == recipients }
        guard !isSame else { return Prepared(recipients: recipients, slices: nil) }
        guard !recipients.isEmpty else { return Prepared(recipients: [], slices: []) }
        let slices = try filing.withLock { _ throws(KeyFileFault) in
            var slices: [SliceKey] = []
            for recordClass in AuditTerms.RecordClass.allCases {
                slices.append(try make(recordClass, CalendarDay(microseconds: time), recipients))
            }
            return slices
        }
        return Prepared(recipients: recipients, slices: slices)
    }

    package func take(_ prepared: Prepared) {
        guard let slices = prepared.slices else { return }
        state.withLock { $0 = State(recipients: prepared.recipients, slices: slices) }
    }

    /// Puts new keys in the place of those whose time is over. Touches the disk only then.
    package func tend(time: Int64) throws(KeyFileFault) {
        let day = CalendarDay(microseconds: time)
        do throws(KeyFileFault) {
            try filing.withLock { _ throws(KeyFileFault) in
                let (recipients, slices) = state.withLock { ($0.recipients, $0.slices) }
                for slice in slices where isOver(slice, day) {
                    let next = try make(slice.recordClass, day, recipients)
                    state.withLock { state in
                        // A policy with other auditors may have come meanwhile.
                        guard state.recipients == recipients, !state.slices.isEmpty else { return }
                        state.slices[slice.recordClass.place] = next
                    }
                }
            }
        } catch {
            state.withLock { $0.failure = error }
            throw error
        }
        state.withLock { $0.failure = nil }
    }

    /// Destroys the side file of a day that is over: what was sealed on it opens for nobody any more.
    package func destroy(_ day: CalendarDay, _ recordClass: AuditTerms.RecordClass) throws(KeyFileFault) {
        let name = KeyFileName.text(day.text, recordClass)
        try filing.withLock { _ throws(KeyFileFault) in
            try files.locating(name) { () throws(DiskFailure) in try files.destroy(name) }
        }
    }

    /// Days and classes of which a side file is there, the oldest first.
    package func kept() throws(KeyFileFault) -> [(day: CalendarDay, recordClass: AuditTerms.RecordClass)] {
        try files.kept { CalendarDay($0) }.map { ($0.period, $0.recordClass) }
    }

    private func isOver(_ slice: SliceKey, _ day: CalendarDay) -> Bool {
        let (count, since) = slice.used
        return slice.day != day || count >= limits.records || since > 0 && monotonic() - since >= limits.lifetime
    }

    /// Durable on return.
    private func make(
        _ recordClass: AuditTerms.RecordClass, _ day: CalendarDay, _ recipients: [SealRecipient]
    ) throws(KeyFileFault) -> SliceKey {
        guard let key = SecretKey.generate() else { throw .memory }
        let slice = SliceKey(key, day, recordClass)
        let lines = try slice.lines(for: recipients)
        let name = KeyFileName.text(day.text, recordClass)
        try files.locating(name) { () throws(DiskFailure) in
            try files.append(lines, to: name, head: SealedKeyFile.head(day, recordClass))
        }
        return slice
    }
}

extension AuditTerms.RecordClass {
    fileprivate var place: Int {
        switch self {
        case .allow: 0
        case .refuse: 1
        case .admin: 2
        }
    }
}
