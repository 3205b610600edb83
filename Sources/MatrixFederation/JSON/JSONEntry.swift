// SPDX-License-Identifier: Apache-2.0

/// One value or object key of a read text: 16 bytes, in the order of the text.
///
/// The values inside a container follow it directly; `next` is the entry after the last of them. Keys are entries of
/// kind `string` before their value.
struct JSONEntry: Sendable {
    /// First byte of the value; for strings the byte after the quote.
    var offset: UInt32
    /// Bytes of the value as written, for strings without the quotes. While an object is open: its last key's entry.
    var length: UInt32
    /// While a container is open: the container around it, or -1.
    var next: Int32
    var kind: JSONDocument.Kind
    var flags: Flags

    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        /// Written exactly as the canonical form writes it, all values inside included.
        static let canonical = Flags(rawValue: 1)
        /// A string with at least one escape.
        static let escaped = Flags(rawValue: 2)
        /// An object whose keys are not in canonical order.
        static let unordered = Flags(rawValue: 4)
        /// A number outside of what canonical JSON has.
        static let foreignNumber = Flags(rawValue: 8)
    }
}
