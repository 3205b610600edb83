// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine
internal import Synchronization

/// The one log of a gateway: takes records from any thread, makes them durable in one order, then says so.
///
/// One thread writes. It takes all that waits, appends it, syncs once, and only then delivers (group commit).
/// When it cannot write, every record fails, until it can again; it tries by itself.
package final class AuditLog: Sendable {
    package let node: String
    /// For naming rooms and events in records of this log.
    package let references: ReferenceKey
    /// For naming persons and files in records of this log.
    package var pseudonyms: Pseudonyms { keys.pseudonyms }
    /// For sealing what is personal to the auditors whom the policy names.
    package var sealer: RecordSealer { keys.sealer }
    /// What an unclean stop had left half written and was cut off at opening, in bytes.
    package let cutBytes: Int

    /// When the last record before this start was made, in microseconds since 1970-01-01T00:00:00Z; `nil`: there was none.
    package let lastTime: Int64?

    let configuration: AuditConfiguration
    let queue = Mutex(SubmissionQueue())
    let signal = WakeSignal()
    let figures = Mutex(AuditStatus())
    package let keys: LogKeys
    private let thread = Mutex<WriterThread?>(nil)
    private let keeper = Mutex<KeyKeeper?>(nil)
    private let noticeEncoder: Mutex<RecordEncoder>

    /// Opens the log in a directory of its own, cuts off what an unclean stop left, and writes the start record.
    ///
    /// - Parameters:
    ///   - build: what is running, for the start record.
    ///   - binary: SHA-256 of the program that is running.
    ///   - policy: what it starts with.
    package static func open(
        _ configuration: AuditConfiguration, build: String, binary: Digest? = nil, policy: PolicyStamp?
    ) throws(AuditOpenError) -> AuditLog {
        let disk: FileDisk
        do throws(DiskFailure) {
            disk = try FileDisk(configuration.directory, emergencyBytes: configuration.emergencyBytes)
        } catch {
            throw .store(directory: configuration.directory, .disk(error))
        }
        // Under the directory's lock, so that no two of them make a key.
        let key = try LogKeyFile(configuration).key()
        let keys = LogKeys(directory: configuration.directory)
        do throws(KeyFileFault) {
            try keys.pseudonyms.tend(time: SystemClock.now())
        } catch {
            throw .keyFiles(error)
        }
        do throws(StoreFailure) {
            let (store, salt) = try openStore(configuration, disk, key)
            var reader = LogReader(directory: configuration.directory, from: max(store.nextSequence, 2) - 1)
            let last = try reader.next().flatMap { SealedRecord($0.record)?.time }
            return try start(
                configuration, store, ReferenceKey(salt: salt), store.cutBytes, build, policy, binary, keys,
                after: last)
        } catch {
            throw .store(directory: configuration.directory, error)
        }
    }

    private static func openStore(
        _ configuration: AuditConfiguration, _ disk: FileDisk, _ key: LogKey
    ) throws(StoreFailure) -> (TreeStore, salt: [UInt8]) {
        let salt: [UInt8]
        do throws(DiskFailure) {
            salt = try Secret.salt(in: configuration.directory)
        } catch {
            throw .disk(error)
        }
        var options = TreeStore.Options()
        options.journalBytes = configuration.journalBytes
        options.reserve = configuration.reserveBytes
        return (try TreeStore.open(disk, key: key, options: options), salt)
    }

    /// A log on any store; the start record is durable on return.
    package static func start(
        _ configuration: AuditConfiguration, _ store: any RecordStore, _ references: ReferenceKey,
        _ cutBytes: Int, _ build: String, _ policy: PolicyStamp?, _ binary: Digest? = nil,
        _ keys: LogKeys = LogKeys(), after last: Int64? = nil
    ) throws(StoreFailure) -> AuditLog {
        let log = AuditLog(configuration, references, cutBytes, keys, last)
        // Done already for a log in a directory.
        try? keys.pseudonyms.tend(time: SystemClock.now())
        let writer = AuditWriter(log, store)
        let started = AuditNotice.start(build: build, policy: policy, cutBytes: cutBytes, binary: binary)
        try writer.store([(started, SystemClock.now())])
        do throws(DiskFailure) {
            let thread = try WriterThread(named: "audit") { writer.run() }
            log.thread.withLock { $0 = thread }
            let keeper = try KeyKeeper(keys) { [weak log] in log?.note($0) ?? true }
            log.keeper.withLock { $0 = keeper }
        } catch {
            throw .disk(error)
        }
        return log
    }

    private init(
        _ configuration: AuditConfiguration, _ references: ReferenceKey, _ cutBytes: Int, _ keys: LogKeys,
        _ last: Int64?
    ) {
        self.keys = keys
        lastTime = last
        self.configuration = configuration
        self.references = references
        self.cutBytes = cutBytes
        node = configuration.node
        noticeEncoder = Mutex(
            RecordEncoder(node: configuration.node, pseudonyms: keys.pseudonyms, sealer: keys.sealer))
    }

    /// What the log is doing, for the console.
    package var status: AuditStatus {
        var status = figures.withLock { $0 }
        queue.withLock { queue in
            status.waiting = queue.receivers.count
            status.isAvailable = queue.failure == nil && !queue.isClosed
            status.failure = queue.failure
            status.refused = queue.refusedInAll
            status.passedUnrecorded = queue.passedUnrecordedInAll
        }
        status.keyFailure = keeper.withLock { $0?.failure }
        return status
    }

    /// Whether records are stored, as far as is known.
    package var isAvailable: Bool { queue.withLock { $0.failure == nil && !$0.isClosing } }

    /// Records something about the gateway itself; returns its sequence number once it is durable.
    package func record(_ notice: AuditNotice) async throws(AuditError) -> UInt64 {
        try await record { encoder in encoder.encode(notice, at: SystemClock.now()) }
    }

    /// Records a decision that lets nothing pass, from outside any event loop.
    package func record(_ record: AuditRecord) async throws(AuditError) -> UInt64 {
        try await self.record { encoder in encoder.encode(record) }
    }

    /// Records how many refusals were counted instead of recorded one by one.
    package func record(_ record: AggregatedRecord) async throws(AuditError) -> UInt64 {
        try await self.record { encoder in encoder.encode(record, at: SystemClock.now()) }
    }

    private func record(_ encode: (inout RecordEncoder) -> Void) async throws(AuditError) -> UInt64 {
        let result: Result<UInt64, AuditError> = await withCheckedContinuation { continuation in
            let failure: AuditError? = noticeEncoder.withLock { encoder in
                encode(&encoder)
                if let failure = encoder.failure { return failure }
                do throws(AuditError) {
                    try enqueue(encoder, .continuation(continuation))
                    return nil
                } catch {
                    return error
                }
            }
            if let failure { continuation.resume(returning: .failure(failure)) }
        }
        return try result.get()
    }

    /// Makes the keys that a policy asks for, durably, before it comes into force: those sealed to its auditors.
    package func prepare(_ terms: AuditTerms) throws(KeyFileFault) -> RecordSealer.Prepared {
        try sealer.prepare(terms.sealTo, time: SystemClock.now())
    }

    /// With the policy that they were made for.
    package func use(_ prepared: RecordSealer.Prepared) { sealer.take(prepared) }

    /// Records something that nobody waits for; false if the log does not take it now.
    func note(_ notice: AuditNotice) -> Bool {
        noticeEncoder.withLock { encoder in
            encoder.encode(notice, at: SystemClock.now())
            do throws(AuditError) {
                try enqueue(encoder, .nobody)
                return true
            } catch {
                return false
            }
        }
    }

    /// Stores what waits and a stop record, then ends the writer. Blocks for as long as the disk takes.
    ///
    /// What is submitted later fails.
    package func close(reason: String) {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        keeper.withLock { $0.take() }?.stop()
        noticeEncoder.withLock { encoder in
            encoder.encode(.stop(reason: reason), at: SystemClock.now())
            // Without a stop record the next start tells that this one ended without a word.
            try? enqueue(encoder, .nobody)
        }
        queue.withLock { $0.isClosing = true }
        signal.signal()
        thread.join()
    }
}
