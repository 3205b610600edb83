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
    private let note: @Sendable (AuditNotice) -> Bool
    private let signal = WakeSignal()
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<WriterThread?>(nil)
    private let fault = Mutex<KeyFileFault?>(nil)

    private let pace: Int64

    /// - Parameter note: puts on record that keys cannot be made, or can again; false if the log does not take it now.
    init(
        _ keys: LogKeys, paceMicroseconds: Int64 = 1_000_000, note: @escaping @Sendable (AuditNotice) -> Bool
    ) throws(DiskFailure) {
        self.keys = keys
        self.note = note
        pace = paceMicroseconds
        let started = try WriterThread(named: "audit keys") { [self] in run() }
        thread.withLock { $0 = started }
    }

    /// Why no keys can be made, as of the last time that it was tried.
    var failure: KeyFileFault? { fault.withLock { $0 } }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        signal.signal()
        thread.withLock { $0.take() }?.join()
    }

    private func run() {
        var isOnRecord = false
        while !isStopping.load(ordering: .relaxed) {
            signal.wait(atMostMicroseconds: pace)
            do throws(KeyFileFault) {
                let time = SystemClock.now()
                try keys.sealer.tend(time: time)
                try keys.pseudonyms.tend(time: time)
                fault.withLock { $0 = nil }
                if isOnRecord { isOnRecord = !note(.privacy(PrivacyNotice(.recovered))) }
            } catch {
                fault.withLock { $0 = error }
                if !isOnRecord { isOnRecord = note(.privacy(PrivacyNotice(.failed(cause: error.description)))) }
            }
        }
    }
}
