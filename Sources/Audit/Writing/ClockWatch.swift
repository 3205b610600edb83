// SPDX-License-Identifier: Apache-2.0

/// Says when the log is due for a sign of life, and when the clock was set. AC-95, AC-110, AC-113.
struct ClockWatch {
    private let interval: Int64
    /// Of both clocks when they were last looked at. Microseconds.
    private var time: Int64
    private var monotonic: Int64
    private var lastBeat: Int64

    /// A clock that goes so much further than the other between two looks was set. A clock that is slewed goes 500 µs
    /// further in a second. Microseconds.
    static let step: Int64 = 1_000_000

    /// - Parameter interval: between two signs of life, in microseconds.
    init(interval: Int64, time: Int64, monotonic: Int64) {
        self.interval = interval
        self.time = time
        self.monotonic = monotonic
        lastBeat = monotonic
    }

    /// - Parameter refused: how many records were turned away since the log was opened.
    mutating func look(time: Int64, monotonic: Int64, refused: UInt64) -> [AuditNotice] {
        var notices: [AuditNotice] = []
        let jump = (time &- self.time) &- (monotonic &- self.monotonic)
        if jump.magnitude >= Self.step.magnitude { notices.append(.clockStep(microseconds: jump)) }
        self.time = time
        self.monotonic = monotonic
        if monotonic &- lastBeat >= interval {
            lastBeat = monotonic
            notices.append(.heartbeat(refused: refused))
        }
        return notices
    }
}
