// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A file of fixed length whose blocks are allocated beforehand, so that a full disk can still be noted on it.
///
/// Lines of 1,024 bytes, filled up with spaces, written in turn; blank ones were never used.
final class EmergencyFile {
    static let slot = 1024
    private let descriptor: Descriptor
    private let slots: Int
    private var next: Int
    private let file = "emergency.jsonl"

    /// - Parameter bytes: rounded down to whole slots, at least one.
    init(_ path: String, bytes: Int) throws(DiskFailure) {
        slots = max(bytes / Self.slot, 1)
        next = 0
        descriptor = try Descriptor(path, O_RDWR | O_CREAT | O_NOFOLLOW, .open, file: file)
        let length = try descriptor.status(file).size
        if length < slots * Self.slot {
            // Whole blank lines behind what may be there.
            let used = length / Self.slot
            let blank = Self.line([])
            try put(Array(repeatElement(blank, count: slots - used).joined()), at: used * Self.slot)
        }
        next = try firstBlank()
    }

    func write(_ text: [UInt8]) throws(DiskFailure) {
        try put(Self.line(text), at: next * Self.slot)
        next = (next + 1) % slots
    }

    private static func line(_ text: [UInt8]) -> [UInt8] {
        var line = Array(text.prefix(slot - 1))
        line.append(contentsOf: repeatElement(UInt8(ascii: " "), count: slot - 1 - line.count))
        line.append(0x0A)
        return line
    }

    private func put(_ bytes: [UInt8], at offset: Int) throws(DiskFailure) {
        try descriptor.put(bytes, bytes.count, at: offset, file: file)
        guard fdatasync(descriptor.number) == 0 else { throw DiskFailure(.sync, file: file, code: errno) }
    }

    private func firstBlank() throws(DiskFailure) -> Int {
        var byte: UInt8 = 0
        for slot in 0..<slots {
            guard unsafe pread(descriptor.number, &byte, 1, slot * Self.slot) == 1 else {
                throw DiskFailure(.read, file: file, code: errno)
            }
            if byte == UInt8(ascii: " ") { return slot }
        }
        return 0
    }
}
