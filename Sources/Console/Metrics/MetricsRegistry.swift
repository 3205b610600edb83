// SPDX-License-Identifier: Apache-2.0

package import Metrics
internal import Synchronization

/// Keeps all metrics of the process and writes them for Prometheus. Bootstrapped once, at the start.
package final class MetricsRegistry: MetricsFactory {
    enum Cell: Sendable {
        case counter(CounterCell)
        case gauge(GaugeCell)
        case histogram(HistogramCell)

        /// The word of the text format.
        var kind: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    private let cells = Mutex<[MetricKey: Cell]>([:])

    package init() {}

    /// What `/metrics` answers.
    package var text: String {
        let cells = cells.withLock { $0 }
        var text = PrometheusText()
        for (key, cell) in cells.sorted(by: { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }) {
            text.add(key, cell)
        }
        return text.text
    }

    /// The cell of that name, made when there is none. One that exists with another kind stays as it is.
    private func cell(_ label: String, _ dimensions: [(String, String)], _ make: () -> Cell) -> Cell {
        let key = MetricKey(label, dimensions)
        return cells.withLock { cells in
            if let cell = cells[key] { return cell }
            let cell = make()
            cells[key] = cell
            return cell
        }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        if case .counter(let cell) = cell(label, dimensions, { .counter(CounterCell()) }) { return cell }
        return CounterCell()
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        if case .gauge(let cell) = cell(label, dimensions, { .gauge(GaugeCell()) }) { return cell }
        return GaugeCell()
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let made = cell(label, dimensions) {
            aggregate ? .histogram(HistogramCell(HistogramCell.sizes)) : .gauge(GaugeCell())
        }
        switch made {
        case .histogram(let cell): return cell
        case .gauge(let cell): return cell
        case .counter: return GaugeCell()
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let made = cell(label, dimensions) { .histogram(HistogramCell(HistogramCell.seconds)) }
        if case .histogram(let cell) = made { return cell }
        return HistogramCell(HistogramCell.seconds)
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func remove(_ handler: any AnyObject) {
        cells.withLock { cells in
            cells = cells.filter { _, cell in
                switch cell {
                case .counter(let cell): cell !== handler
                case .gauge(let cell): cell !== handler
                case .histogram(let cell): cell !== handler
                }
            }
        }
    }
}
