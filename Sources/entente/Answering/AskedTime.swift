// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MatrixFederation
internal import PolicyEngine

/// The date of `--at`: a day means its first instant.
enum AskedTime {
    static func read(_ text: String) throws -> Timestamp {
        guard let instant = StrictDate.start(text) else {
            throw ValidationError(
                "--at \(quoted(text)) is no date; write it like `2026-10-01` or `2026-10-01T12:00:00Z`")
        }
        return instant
    }
}

extension Policy {
    /// The same policy with its dates looked at as of then, or not at all.
    func lookedAt(_ time: Timestamp?) -> Policy { under(Circumstances(now: time, lockdowns: lockdownsInForce)) }

    /// For which date an answer holds, for people.
    var asOf: String { lookedAt.map { "dates as of \(StrictDate.text($0))" } ?? "no date is looked at" }
}
