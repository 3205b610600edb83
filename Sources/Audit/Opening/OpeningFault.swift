// SPDX-License-Identifier: Apache-2.0

/// Why a sealed field is not opened.
package enum OpeningFault: Error, Hashable, Sendable {
    /// Its slice key is in no side file.
    case missing(place: String)
    /// The key is there, and not for this auditor.
    case otherAuditors(file: String)
    /// What is there for this auditor does not open with the auditor's key.
    case altered(file: String)
    /// The key that was opened is not the one that the record names: altered, or moved from another day or class.
    case otherKey(file: String)
    /// The record's box is not the one that was sealed with the key.
    case box
    case keyFiles(KeyFileFault)

    /// Where and what, for a message.
    package var description: String {
        switch self {
        case .missing(let place): "\(place): the key is in no file there: it was destroyed, or not copied"
        case .otherAuditors(let file): "\(file): the key is sealed to other auditors"
        case .altered(let file): "\(file): what is sealed to this auditor does not open: it was altered"
        case .otherKey(let file): "\(file): the key is not the one that the record names: it was altered or moved"
        case .box: "the sealed box is not the one that was made: the record was altered, or is another one"
        case .keyFiles(let fault): fault.description
        }
    }

    package var todo: String {
        switch self {
        case .missing: "what retention has destroyed nobody can open; else copy the directory again"
        case .otherAuditors: "ask an auditor whom the policy named at that time"
        case .altered, .otherKey: "take the file from another copy"
        case .box: "ask `entente audit verify` whether this is the log that was signed"
        case .keyFiles(let fault): fault.todo
        }
    }
}
