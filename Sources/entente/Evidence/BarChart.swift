// SPDX-License-Identifier: Apache-2.0

/// Stacked bars as inline SVG, with their numbers in words for those who cannot see them.
struct BarChart {
    let bars: [(name: String, passed: Int64, refused: Int64)]

    private static let (width, height, floor) = (520.0, 150.0, 128.0)

    var svg: String {
        let most = Double(max(bars.map { $0.passed + $0.refused }.max() ?? 0, 1))
        let step = min(Self.width / Double(max(bars.count, 1)), 90)
        let wide = step * 0.62
        // Names that would touch are left out.
        let every = max(1, Int((34 / step).rounded(.up)))
        var out = "<svg class=\"chart\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\">\n<title>"
        out += bars.map { HTMLPage.escaped("\($0.name): \($0.passed) passed, \($0.refused) refused") }.joined(
            separator: "; ")
        out +=
            "</title>\n<line class=\"axis\" x1=\"0\" x2=\"\(Int(Self.width))\" y1=\"\(Self.floor)\" y2=\"\(Self.floor)\"/>\n"
        for (index, bar) in bars.enumerated() {
            let left = Double(index) * step + (step - wide) / 2
            let middle = Self.text(left + wide / 2)
            let passed = Double(bar.passed) / most * 112
            let refused = Double(bar.refused) / most * 112
            out += Self.rect("p", left, Self.floor - passed, wide, passed)
            out += Self.rect("r", left, Self.floor - passed - refused, wide, refused)
            if index % every == 0 {
                out +=
                    "<text x=\"\(middle)\" y=\"\(Self.floor + 10)\" text-anchor=\"middle\">\(HTMLPage.escaped(bar.name))</text>"
                out += "<text class=\"value\" x=\"\(middle)\" y=\"\(Self.text(Self.floor - passed - refused - 3))\" "
                out += "text-anchor=\"middle\">\(Self.short(bar.passed + bar.refused))</text>\n"
            }
        }
        return out + "</svg>\n"
    }

    /// `1.2 M` of 1234567.
    private static func short(_ number: Int64) -> String {
        switch number {
        case 1_000_000...: "\(number / 1_000_000).\(number / 100_000 % 10) M"
        case 10_000...: "\(number / 1000) k"
        default: String(number)
        }
    }

    private static func rect(_ name: String, _ x: Double, _ y: Double, _ width: Double, _ height: Double) -> String {
        guard height > 0 else { return "" }
        return
            "<rect class=\"\(name)\" x=\"\(text(x))\" y=\"\(text(y))\" width=\"\(text(width))\" height=\"\(text(height))\"/>\n"
    }

    /// Two decimals.
    static func text(_ number: Double) -> String { String((number * 100).rounded() / 100) }
}

/// The same without words, in a cell of a table.
struct Sparkline {
    let values: [(passed: Int64, refused: Int64)]

    var svg: String {
        let most = Double(max(values.map { $0.passed + $0.refused }.max() ?? 0, 1))
        let step = 120 / Double(max(values.count, 12))
        var out = "<svg class=\"spark\" viewBox=\"0 0 120 18\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
        for (index, value) in values.enumerated() {
            let (passed, refused) = (Double(value.passed) / most * 18, Double(value.refused) / most * 18)
            for (name, top, height) in [("p", 18 - passed, passed), ("r", 18 - passed - refused, refused)]
            where height > 0 {
                out +=
                    "<rect class=\"\(name)\" x=\"\(BarChart.text(Double(index) * step))\" y=\"\(BarChart.text(top))\" "
                out += "width=\"\(BarChart.text(step * 0.8))\" height=\"\(BarChart.text(height))\"/>"
            }
        }
        return out + "</svg>"
    }
}
