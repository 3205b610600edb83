// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The keys of a log that are destroyed one day.
package struct LogKeys: Sendable {
    package let pseudonyms: Pseudonyms
    package let sealer: RecordSealer

    /// - Parameter directory: of the log; the keys lie beside it.
    package init(directory: String) {
        self.init(KeyDirectory.pseudonyms(of: directory), KeyDirectory.sealed(of: directory))
    }

    /// Of a log that is kept nowhere.
    package init() { self.init(FleetingKeyFiles(), FleetingKeyFiles()) }

    package init(_ pseudonyms: any KeyFiles, _ sealed: any KeyFiles) {
        self.pseudonyms = Pseudonyms(pseudonyms)
        sealer = RecordSealer(sealed)
    }
}

/// Sees each second that the keys of now are there. A thread of its own: no request and no record waits for a file of keys.
final class KeyKeeper: Sendable {
    private let keys: LogKeys
    private let note: @Sendable (AuditNotice) -> Void
    private let signal = WakeSignal()
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<WriterThread?>(nil)

    private static let pace: Int64 = 1_000_000

    /// - Parameter note: puts on record that keys cannot be made, or can again.
    init(_ keys: LogKeys, note: @escaping @Sendable (AuditNotice) -> Void) throws(DiskFailure) {
        self.keys = keys
        self.note = note
        let started = try WriterThread(named: "audit keys") { [self] in run() }
        thread.withLock { $0 = started }
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        signal.signal()
        thread.withLock { $0.take() }?.join()
    }

    private func run() {
        var isFailing = false
        while !isStopping.load(ordering: .relaxed) {
            signal.wait(atMostMicroseconds: Self.pace)
            do throws(KeyFileFault) {
                let time = SystemClock.now()
                try keys.sealer.tend(time: time)
                try keys.pseudonyms.tend(time: time)
                if isFailing { note(.privacy(PrivacyNotice(.recovered))) }
                isFailing = false
            } catch {
                if !isFailing { note(.privacy(PrivacyNotice(.failed(cause: error.description)))) }
                isFailing = true
            }
        }
    }
}
