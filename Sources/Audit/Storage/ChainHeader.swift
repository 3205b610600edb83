// SPDX-License-Identifier: Apache-2.0

/// The first line of a segment: which log it belongs to and what it continues.
///
/// `{"segment":{"chain":"H","first":N,"log":"L","v":1}}`: H is the hash that the first record continues, N its number,
/// L 32 hexadecimal digits chosen at random for the log.
struct ChainHeader: Equatable {
    /// 32 bytes.
    var chain: [UInt8]
    var first: UInt64
    /// 32 hexadecimal digits.
    var log: [UInt8]

    /// The header of a new log's first segment.
    init(log: [UInt8]) {
        var chain = Array("entente audit chain v1\n".utf8) + log
        ChainHash.replace(&chain)
        self.init(chain: chain, first: 1, log: log)
    }

    init(chain: [UInt8], first: UInt64, log: [UInt8]) {
        self.chain = chain
        self.first = first
        self.log = log
    }

    /// The line with its line feed.
    var line: [UInt8] {
        var writer = JSONWriter()
        writer.raw(#"{"segment":{"chain":""#)
        for byte in chain {
            writer.append(JSONWriter.digit(byte >> 4))
            writer.append(JSONWriter.digit(byte & 15))
        }
        writer.raw(#"","first":"#)
        writer.unsigned(first)
        writer.raw(#","log":""#)
        writer.raw(log)
        writer.raw("\",\"v\":1}}\n")
        return writer.bytes
    }

    /// The longest header line.
    static let limit = 192

    /// Reads a header line; its form is exact, so it is written again and compared.
    init?(line: ArraySlice<UInt8>) {
        let chainStart = line.startIndex + #"{"segment":{"chain":""#.utf8.count
        let chainEnd = chainStart + 2 * ChainHash.length
        let numberStart = chainEnd + #"","first":"#.utf8.count
        guard line.count <= Self.limit, numberStart < line.endIndex else { return nil }
        var chain: [UInt8] = []
        for index in stride(from: chainStart, to: chainEnd, by: 2) {
            guard let high = Self.nibble(line[index]), let low = Self.nibble(line[index + 1]) else { return nil }
            chain.append(high << 4 | low)
        }
        guard let numberEnd = line[numberStart...].firstIndex(of: UInt8(ascii: ",")),
            let first = UInt64(String(decoding: line[numberStart..<numberEnd], as: UTF8.self))
        else { return nil }
        let logStart = numberEnd + #","log":""#.utf8.count
        guard logStart + 32 <= line.endIndex else { return nil }
        self.init(chain: chain, first: first, log: Array(line[logStart..<logStart + 32]))
        guard self.line.elementsEqual(line) else { return nil }
    }

    static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// The name of the segment: the number of its first record in twenty digits, so that names sort by age.
    var fileName: String {
        let digits = String(first)
        return String(repeating: "0", count: 20 - digits.count) + digits + ".jsonl"
    }
}
