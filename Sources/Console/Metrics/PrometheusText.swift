// SPDX-License-Identifier: Apache-2.0

/// Metrics in Prometheus's text format 0.0.4. Samples of one name must be added one after the other.
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""
    private var lastName = ""

    mutating func add(_ key: MetricKey, _ cell: MetricsRegistry.Cell) {
        announce(key.name, cell.kind)
        switch cell {
        case .counter(let cell): line(key.sample(), cell.text)
        case .gauge(let cell): line(key.sample(), cell.text)
        case .histogram(let cell): add(key, cell)
        }
    }

    private mutating func add(_ key: MetricKey, _ cell: HistogramCell) {
        let sums = cell.current
        var total: UInt64 = 0
        for (bound, count) in zip(cell.bounds, sums.buckets) {
            total += count
            line(key.sample("_bucket", "le=\"\(Self.number(bound))\""), String(total))
        }
        line(key.sample("_bucket", "le=\"+Inf\""), String(sums.count))
        line(key.sample("_sum"), Self.number(sums.sum))
        line(key.sample("_count"), String(sums.count))
    }

    /// A sample that is not in the registry.
    mutating func add(_ name: String, _ kind: String, _ value: String) {
        announce(name, kind)
        line(name, value)
    }

    /// The same with a label.
    mutating func add(_ name: String, _ kind: String, _ value: String, label: String, _ content: String) {
        announce(name, kind)
        line(MetricKey(name, [(label, content)]).sample(), value)
    }

    private mutating func announce(_ name: String, _ kind: String) {
        guard name != lastName else { return }
        lastName = name
        text += "# TYPE \(name) \(kind)\n"
    }

    private mutating func line(_ sample: String, _ value: String) { text += "\(sample) \(value)\n" }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return String(value)
    }
}
