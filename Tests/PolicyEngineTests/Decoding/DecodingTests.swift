// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine
import Testing

@Suite("Decoding a file of known keys")
struct DecodingTests {
    enum Mode: String, CaseIterable { case enforce, shadow }

    /// The messages that `read` draws from `text`.
    private func messages<Value>(_ text: String, _ read: (MappingDecoder) -> Value?) -> [String] {
        let diagnostics = Diagnostics(file: "gateway.yaml", meanwhile: "the gateway does not start")
        _ = YAMLDocument.decode(Array(text.utf8), reportingTo: diagnostics, read)
        return diagnostics.errors.map(\.description)
    }

    @Test("reports every fault at once, each with place, consequence and advice")
    func collects() {
        let found = messages("listn: x\nidle: 5 s\nmode: enforced\nworkers: 010\nlog: {levle: info}\n") { top -> Int? in
            _ = top.required("listen") { $0.text }
            _ = top.optional("idle") { $0.duration }
            _ = top.optional("mode") { $0.word(Mode.self) }
            _ = top.optional("workers") { $0.int(in: 1...64) }
            _ = top.optional("log") { $0.mapping { $0.optional("level") { $0.text } } }
            return 1
        }
        #expect(
            found == [
                "gateway.yaml:1:1: the document has no `listen`; the gateway does not start; add `listen:`",
                "gateway.yaml:1:1: unknown key `listn`; the gateway does not start; did you mean `listen`?",
                "gateway.yaml:2:7: `idle` must be a length of time, not `5 s`; the gateway does not start; "
                    + "write a number with `ms`, `s`, `min`, `h` or `d`, for example `10s`",
                "gateway.yaml:3:7: unknown value `enforced` of `mode`; the gateway does not start; did you mean `enforce`?",
                "gateway.yaml:4:10: `workers` must be an integer, not `010`; the gateway does not start; "
                    + "write decimal digits, without quotes, leading zeros or underscores",
                "gateway.yaml:5:7: unknown key `levle` in `log`; the gateway does not start; did you mean `level`?",
            ])
    }

    @Test(
        "AC-98 booleans are exactly `true` and `false`",
        arguments: [
            "yes", "no", "on", "off", "True", "TRUE", "1", "\"true\"", "y", "~", "",
        ])
    func booleans(text: String) {
        #expect(messages("a: \(text)\n") { $0.required("a") { $0.boolean } }.count == 1)
        #expect(messages("a: true\n") { $0.required("a") { $0.boolean } }.isEmpty)
    }

    @Test(
        "AC-98 integers have one spelling",
        arguments: [
            "010", "1_000", "0x10", "0o7", "+1", "1.0", "1e3", "-0", "00", "\"1\"", "9223372036854775808", "", "1:30",
        ])
    func integers(text: String) {
        #expect(messages("a: \(text)\n") { $0.required("a") { $0.integer(in: .min ... .max) } }.count == 1)
        #expect(messages("a: -9223372036854775808\n") { $0.required("a") { $0.integer(in: .min ... .max) } }.isEmpty)
    }

    @Test(
        "a date includes its day, an instant is itself",
        arguments: [
            ("1970-01-01", 86_400_000), ("2027-06-30", 1_814_400_000_000), ("2028-02-29", 1_835_481_600_000),
            ("2027-06-30T12:00:00Z", 1_814_356_800_000), ("2000-02-29", 951_868_800_000),
        ])
    func dates(text: String, milliseconds: Int64) {
        let diagnostics = Diagnostics(file: "f", meanwhile: "m")
        let end = YAMLDocument.decode(Array("a: \(text)\n".utf8), reportingTo: diagnostics) {
            $0.required("a") { $0.end }
        }
        #expect(end == Timestamp(milliseconds: milliseconds))
    }

    @Test(
        "dates that are none are refused",
        arguments: [
            "2027-02-29", "2100-02-29", "2027-6-30", "2027-13-01", "2027-06-30T24:00:00Z", "2027-06-30T12:00:00+02:00",
            "2027-06-30 12:00:00Z", "1969-12-31", "20270630", "2027-06-30T12:00:60Z", "2027-06-00",
        ])
    func notDates(text: String) {
        #expect(messages("a: \"\(text)\"\n") { $0.required("a") { $0.end } }.count == 1)
    }

    @Test("lengths of time and sizes need their unit")
    func units() {
        let diagnostics = Diagnostics(file: "f", meanwhile: "m")
        let text = "a: 250ms\nb: 90s\nc: 2h\nd: 12MiB\ne: 0B\n"
        let read = YAMLDocument.decode(Array(text.utf8), reportingTo: diagnostics) { top in
            [
                top.required("a") { $0.duration } == .milliseconds(250),
                top.required("b") { $0.duration } == .seconds(90),
                top.required("c") { $0.duration } == .seconds(7200),
                top.required("d") { $0.byteCount } == 12 << 20,
                top.required("e") { $0.byteCount } == 0,
            ]
        }
        #expect(read == [true, true, true, true, true])
        for wrong in ["10", "s", "1.5s", "01s", "-1s", "10 s", "9999999999999999999d", "10S", "1e3s"] {
            #expect(messages("a: \(wrong)\n") { $0.required("a") { $0.duration } }.count == 1, "\(wrong)")
        }
    }

    @Test("a message shows hidden characters as escapes and never breaks the line")
    func quoting() {
        #expect(quoted("a\nb\u{1B}[2J\u{202E}`") == "`a\\nb\\u{1b}[2J\\u{202e}\\``")
        #expect(quoted(String(repeating: "x", count: 500)).count == 83)
    }
}
