// SPDX-License-Identifier: Apache-2.0

/// Why a text is not read as JSON: what is wrong, at which byte, inside which value.
package struct JSONFault: Error, Equatable, Sendable {
    package let kind: Kind
    /// Bytes from the start of the text to the fault.
    package let offset: Int
    /// RFC 6901 pointer to the innermost value that was being read; cut after 256 bytes.
    package let pointer: String

    package init(kind: Kind, offset: Int, pointer: String) {
        self.kind = kind
        self.offset = offset
        self.pointer = pointer
    }

    /// The closed list of faults.
    package enum Kind: String, CaseIterable, Equatable, Sendable {
        case unexpectedByte
        case unexpectedEnd
        case trailingBytes
        case controlCharacter
        case invalidEscape
        case duplicateKey
        case tooManyBytes
        case tooDeep
        case tooManyValues
        case numberTooLong
        case numberOverflow
        case notUTF8
        case byteOrderMark
        case loneSurrogate
    }

    /// Faults by what a peer is told and an officer reads; the raw values are reason codes of the audit record.
    package enum Family: String, CaseIterable, Equatable, Sendable {
        case invalid = "json.invalid"
        case duplicateKey = "json.duplicate_key"
        case limits = "json.limits"
        case number = "json.number"
        case encoding = "json.encoding"
    }

    package var family: Family {
        switch kind {
        case .unexpectedByte, .unexpectedEnd, .trailingBytes, .controlCharacter, .invalidEscape: .invalid
        case .duplicateKey: .duplicateKey
        case .tooManyBytes, .tooDeep, .tooManyValues, .numberTooLong: .limits
        case .numberOverflow: .number
        case .notUTF8, .byteOrderMark, .loneSurrogate: .encoding
        }
    }
}
