// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// Why an index could not be made or asked.
package struct IndexFailure: Error, Sendable, CustomStringConvertible {
    /// One sentence's middle, as `it cannot be opened, unable to open database file`.
    package let description: String

    package init(_ what: String) { description = what }

    init(_ what: String, _ error: any Error) {
        description = "\(what), \((error as? DatabaseError)?.message ?? "\(error)")"
    }
}
