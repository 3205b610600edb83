// SPDX-License-Identifier: Apache-2.0

/// A byte's place in a text, as editors count: lines and columns from 1, columns in bytes.
struct TextPlace: Equatable, Sendable {
    let line: Int
    let column: Int

    init(of offset: Int, in bytes: [UInt8]) {
        var line = 1
        var start = 0
        for index in bytes.indices.prefix(max(0, offset)) where bytes[index] == UInt8(ascii: "\n") {
            line += 1
            start = index + 1
        }
        self.line = line
        column = max(0, offset - start) + 1
    }
}
