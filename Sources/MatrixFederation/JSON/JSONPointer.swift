// SPDX-License-Identifier: Apache-2.0

/// Writes where in a text a reader stopped, for people.
enum JSONPointer {
    /// Longest pointer, in bytes.
    static let maxBytes = 256

    /// RFC 6901 pointer to the innermost value that `reader` had begun; keys with their escapes resolved.
    static func text(of reader: JSONReader, in bytes: Span<UInt8>) -> String {
        var containers: [Int] = []
        var open = reader.open
        while open >= 0 {
            containers.append(open)
            open = Int(reader.entries[open].next)
        }
        var pointer: [UInt8] = []
        var depth = containers.count
        while depth > 0, pointer.count < maxBytes {
            depth -= 1
            let container = containers[depth]
            let inside = depth > 0 ? containers[depth - 1] : reader.entries.count
            let isObject = reader.entries[container].kind == .object
            if isObject {
                let key = Int(reader.entries[container].length)
                guard key < reader.entries.count else { break }
                pointer.append(UInt8(ascii: "/"))
                append(reader.entries[key], bytes, to: &pointer)
            } else {
                pointer.append(UInt8(ascii: "/"))
                pointer += Array(String(elements(before: inside, of: container, reader.entries)).utf8)
            }
        }
        return String(decoding: pointer.prefix(maxBytes), as: UTF8.self)
    }

    /// How many elements of an array are complete before the entry `end`.
    private static func elements(before end: Int, of array: Int, _ entries: [JSONEntry]) -> Int {
        var index = 0
        var at = array + 1
        while at < end {
            at = Int(entries[at].next)
            index += 1
        }
        return index
    }

    private static func append(_ key: JSONEntry, _ bytes: Span<UInt8>, to pointer: inout [UInt8]) {
        var walk = EscapedBytes(key)
        while pointer.count < maxBytes, let byte = walk.next(bytes) {
            switch byte {
            case UInt8(ascii: "~"): pointer += Array("~0".utf8)
            case UInt8(ascii: "/"): pointer += Array("~1".utf8)
            default: pointer.append(byte)
            }
        }
    }
}
