// SPDX-License-Identifier: Apache-2.0

internal import Metrics
internal import Synchronization

/// A count that only grows.
final class CounterCell: CounterHandler {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }

    var text: String { String(value.load(ordering: .relaxed)) }
}

/// A value that goes up and down.
final class GaugeCell: MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    var text: String { PrometheusText.number(value.withLock { $0 }) }
}

/// How often which values came, in fixed buckets.
final class HistogramCell: TimerHandler, RecorderHandler {
    struct Sums: Sendable {
        var buckets: [UInt64]
        var count: UInt64 = 0
        var sum = 0.0
    }

    /// Upper bounds, rising.
    let bounds: [Double]
    private let sums: Mutex<Sums>

    /// Seconds, from a tenth of a millisecond to ten seconds.
    static let seconds: [Double] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 10]
    /// Counts and sizes.
    static let sizes: [Double] = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576]

    init(_ bounds: [Double]) {
        self.bounds = bounds
        sums = Mutex(Sums(buckets: Array(repeating: 0, count: bounds.count)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        sums.withLock { sums in
            if let index = bounds.firstIndex(where: { value <= $0 }) { sums.buckets[index] += 1 }
            sums.count += 1
            sums.sum += value
        }
    }

    var current: Sums { sums.withLock { $0 } }
}
