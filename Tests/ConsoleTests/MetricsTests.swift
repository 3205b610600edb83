// SPDX-License-Identifier: Apache-2.0

import Metrics
import Testing

@testable import Console

@Suite("Metrics: Prometheus text format 0.0.4")
struct MetricsTests {
    @Test("each kind is written exactly so, one TYPE line for each name")
    func golden() {
        let registry = MetricsRegistry()
        let out = [("direction", "out"), ("a", "1")]
        Counter(label: "requests_total", dimensions: [("direction", "in")], factory: registry).increment(by: 2)
        Counter(label: "requests_total", dimensions: out, factory: registry).increment()
        Gauge(label: "open", factory: registry).record(2.5)
        Meter(label: "level", factory: registry).set(-3)
        let timer = Timer(label: "wait_seconds", factory: registry)
        timer.recordNanoseconds(200_000)
        timer.recordNanoseconds(20_000_000_000)
        #expect(
            registry.text == """
                # TYPE level gauge
                level -3
                # TYPE open gauge
                open 2.5
                # TYPE requests_total counter
                requests_total{a="1",direction="out"} 1
                requests_total{direction="in"} 2
                # TYPE wait_seconds histogram
                wait_seconds_bucket{le="0.0001"} 0
                wait_seconds_bucket{le="0.00025"} 1
                wait_seconds_bucket{le="0.0005"} 1
                wait_seconds_bucket{le="0.001"} 1
                wait_seconds_bucket{le="0.0025"} 1
                wait_seconds_bucket{le="0.005"} 1
                wait_seconds_bucket{le="0.01"} 1
                wait_seconds_bucket{le="0.025"} 1
                wait_seconds_bucket{le="0.1"} 1
                wait_seconds_bucket{le="0.5"} 1
                wait_seconds_bucket{le="1"} 1
                wait_seconds_bucket{le="10"} 1
                wait_seconds_bucket{le="+Inf"} 2
                wait_seconds_sum 20.0002
                wait_seconds_count 2

                """)
    }

    @Test("names are mended to the grammar and values escaped, so that no line can be forged")
    func escaping() {
        let registry = MetricsRegistry()
        Counter(label: "9a.b-c", dimensions: [("l 1", "x\"} 9\nforged 1\\")], factory: registry).increment()
        #expect(registry.text == "# TYPE _a_b_c counter\n_a_b_c{l_1=\"x\\\"} 9\\nforged 1\\\\\"} 1\n")
    }

    @Test("the same name and labels are one metric, also from many threads")
    func shared() async {
        let registry = MetricsRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 { Counter(label: "n", factory: registry).increment() }
                }
            }
        }
        #expect(registry.text == "# TYPE n counter\nn 8000\n")
    }

    @Test("a destroyed metric is gone")
    func destroyed() {
        let registry = MetricsRegistry()
        let counter = Counter(label: "n", factory: registry)
        counter.destroy()
        #expect(registry.text.isEmpty)
    }
}
