// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// Outcomes as JUnit XML, which continuous integration shows: one suite a file, one case a test.
struct JUnitReport {
    let reports: [TrialReport]

    var text: String {
        let tests = reports.reduce(0) { $0 + $1.run.outcomes.count }
        let failures = reports.reduce(0) { $0 + $1.failed.count }
        var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        out += "<testsuites name=\"entente test\" tests=\"\(tests)\" failures=\"\(failures)\" errors=\"0\">\n"
        for report in reports {
            out += "  <testsuite name=\"\(Self.escaped(report.file))\" tests=\"\(report.run.outcomes.count)\" "
            out += "failures=\"\(report.failed.count)\" errors=\"0\" skipped=\"0\">\n"
            for outcome in report.run.outcomes {
                let open =
                    "    <testcase classname=\"\(Self.escaped(report.file))\" name=\"\(Self.escaped(outcome.trial.name))\" "
                    + "file=\"\(Self.escaped(report.file))\" line=\"\(outcome.trial.place.line)\""
                if outcome.passed {
                    out += open + "/>\n"
                } else {
                    let says = Self.escaped(TrialReport.says(outcome))
                    out +=
                        open + ">\n      <failure message=\"\(says)\">\(Self.escaped(report.place(outcome))): \(says)"
                    out += "</failure>\n    </testcase>\n"
                }
            }
            out += "  </testsuite>\n"
        }
        return out + "</testsuites>\n"
    }

    /// Characters that XML 1.0 does not have become U+FFFD.
    static func escaped(_ text: String) -> String {
        Markup.escaped(text) { scalar in
            switch scalar.value {
            case 0x09, 0x0A, 0x0D: "&#\(scalar.value);"
            case 0..<0x20, 0x7F..<0xA0, 0xFFFE, 0xFFFF: "\u{FFFD}"
            default: nil
            }
        }
    }
}
