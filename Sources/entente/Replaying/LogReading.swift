// SPDX-License-Identifier: Apache-2.0

internal import Audit

/// A log that was read from its first record to its last, each asked again.
struct LogReading {
    private(set) var replay: PolicyReplay
    /// The first few places where no record stands.
    private(set) var faults: [RecordFault] = []
    private(set) var faultCount = 0

    private static let faultLimit = 20

    init(
        _ source: some RecordSource, _ replay: PolicyReplay, progress: (Int) -> Void
    ) throws(StoreFailure) {
        var current = replay
        var faults: [RecordFault] = []
        var faultCount = 0
        func note(_ fault: RecordFault) {
            faultCount += 1
            if faults.count < Self.faultLimit { faults.append(fault) }
        }
        try source.read(from: 0) { record, place in
            progress(place.position)
            if !current.take(record) {
                note(RecordFault(file: place.file, offset: place.offset, what: "this is no record"))
            }
            return true
        } fault: {
            note($0)
        }
        (self.replay, self.faults, self.faultCount) = (current, faults, faultCount)
    }
}
