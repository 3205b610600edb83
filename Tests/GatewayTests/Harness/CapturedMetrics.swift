// SPDX-License-Identifier: Apache-2.0

import Metrics
import Synchronization

/// Keeps the name and the dimensions of every metric that is made, and what counters count.
final class CapturedMetrics: MetricsFactory, Sendable {
    private let counts = Mutex<[String: Int64]>([:])

    /// Each metric with its dimensions, as text.
    var names: [String] { counts.withLock { Array($0.keys) } }

    /// What a counter without dimensions has counted.
    func count(_ label: String) -> Int64 { counts.withLock { $0["\(label) []"] ?? 0 } }

    private func add(_ amount: Int64, to name: String) { counts.withLock { $0[name, default: 0] += amount } }

    private func handler(_ label: String, _ dimensions: [(String, String)]) -> Handler {
        let name = "\(label) \(dimensions)"
        add(0, to: name)
        return Handler { [self] in add($0, to: name) }
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        handler(label, dimensions)
    }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        handler(label, dimensions)
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { handler(label, dimensions) }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    private final class Handler: CounterHandler, RecorderHandler, TimerHandler, Sendable {
        private let add: @Sendable (Int64) -> Void

        init(_ add: @escaping @Sendable (Int64) -> Void) { self.add = add }

        func increment(by amount: Int64) { add(amount) }
        func reset() {}
        func record(_ value: Int64) {}
        func record(_ value: Double) {}
        func recordNanoseconds(_ duration: Int64) {}
    }
}
