// SPDX-License-Identifier: Apache-2.0

/// Small files with keys, in a directory of their own beside a log: what is destroyed when its time is over.
///
/// A name is that of a file of the directory, without `/`. Every change is durable on return.
package protocol KeyFiles: Sendable {
    /// The directory, for messages.
    var place: String { get }
    /// Of all files that are there; none if there is no directory.
    func names() throws(DiskFailure) -> [String]
    /// `nil`: no file. A longer one is cut to one byte more than `limit`.
    func read(_ name: String, limit: Int) throws(DiskFailure) -> [UInt8]?
    /// A whole file that was not there.
    func create(_ name: String, _ bytes: [UInt8]) throws(DiskFailure)
    /// Appends whole lines; what a crash left of a line is cut off before.
    ///
    /// - Parameter head: what a file begins with that is not there yet.
    func append(_ lines: [UInt8], to name: String, head: [UInt8]) throws(DiskFailure)
    /// Overwrites a file with zeros and removes it. One that is not there is destroyed.
    func destroy(_ name: String) throws(DiskFailure)
}

/// Why a file with keys cannot be used, or made.
package enum KeyFileFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// - Parameter file: with its directory's path.
    case disk(file: String, DiskFailure)
    case malformed(file: String, line: Int, what: String)
    /// Nothing can be sealed to this key.
    case recipient(String)
    /// No memory that can be kept out of swap files.
    case memory

    package var description: String {
        switch self {
        case .disk(let file, let failure): "\(file): \(failure.description)"
        case .malformed(let file, let line, let what): "\(file)\(line > 0 ? ":\(line)" : ""): \(what)"
        case .recipient(let text): "audit.seal_to: nothing can be sealed to \(text)"
        case .memory: "no memory for a key"
        }
    }

    package var todo: String {
        switch self {
        case .disk: "free space, or see to the directory and its rights"
        case .malformed:
            "put back the copy of the file, or move it away: then a new one is made where its time is not over"
        case .recipient: "ask the auditor for the key that `entente keygen auditor` printed"
        case .memory: "raise the process's limit for locked memory"
        }
    }
}

extension KeyFiles {
    /// What the disk says about a file, with the file's place.
    func locating<Result>(
        _ name: String, _ body: () throws(DiskFailure) -> Result
    ) throws(KeyFileFault) -> Result {
        do throws(DiskFailure) {
            return try body()
        } catch {
            throw .disk(file: path(of: name), error)
        }
    }

    func path(of name: String) -> String { name.isEmpty ? place : "\(place)/\(name)" }
}
