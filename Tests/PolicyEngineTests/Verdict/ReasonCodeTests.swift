// SPDX-License-Identifier: Apache-2.0

import PolicyEngine
import Testing

@Suite("Reason codes in words")
struct ReasonCodeTests {
    @Test("each code has a clause of its own, short enough for a record, in one line, without a full stop")
    func clauses() {
        let texts = ReasonCode.allCases.map(\.plainText)
        #expect(Set(texts).count == ReasonCode.allCases.count)
        for text in texts {
            #expect((10...120).contains(text.utf8.count), "\(text)")
            #expect(text.last != "." && !text.contains("\n"), "\(text)")
        }
    }
}
