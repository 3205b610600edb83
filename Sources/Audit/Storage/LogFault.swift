// SPDX-License-Identifier: Apache-2.0

/// Where a log stops being the log that was written, and how.
package struct LogFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        case journalHeader = "the journal does not begin as it was written"
        case journalFrame = "the journal was altered here, or a part of it is missing"
        case journalMissing = "the journal is missing"
        case checkpointMissing = "the checkpoint is missing"
        case checkpointMalformed = "this is no checkpoint"
        case checkpointKey = "the checkpoint is not signed by this log's key"
        case checkpointAhead = "the signed checkpoint counts more records than there are"
        case checkpointRoot = "the records are not those that the checkpoint was signed over"
        case fileMissing = "this file is missing"
        case bundleForm = "this bundle does not hold the records that it should"
        case entryHash = "this record is not the one whose hash the tile holds"
        case tileLength = "this tile has not the length that it should have"
        case tileHash = "this tile does not hold the hashes of what is below it"
        case savedAhead = "records are missing that the saved checkpoint counts"
        case savedRoot = "the records are not those that the saved checkpoint was signed over"
        case verifierKey = "this is not the key that the log was verified with"
        case notCovered = "no checkpoint counts this record yet, or there is none of this number"
        case recordNumber = "the number in the record is not the record's place"
    }

    package let kind: Kind
    /// Inside the log's directory.
    package let file: String
    /// The number of the first record concerned, from 1; `nil` if none is.
    package let sequence: UInt64?
    /// If it cannot be told which record is the first: it is one from `sequence` to this.
    package let upTo: UInt64?
    /// In the file, in bytes, where that is known.
    package let offset: Int?

    package init(_ kind: Kind, _ file: String, sequence: UInt64? = nil, upTo: UInt64? = nil, offset: Int? = nil) {
        self.kind = kind
        self.file = file
        self.sequence = sequence
        self.upTo = upTo
        self.offset = offset
    }

    package var description: String {
        file + (offset.map { " at byte \($0)" } ?? "") + (sequence.map { ", record \($0)" } ?? "")
            + (upTo.map { " or a later one up to \($0)" } ?? "") + ": \(kind.rawValue)"
    }
}
