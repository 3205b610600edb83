// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong in a file an operator wrote: where, what, what the gateway does meanwhile, what to do.
///
/// Rendered as `file:line:column: what; meanwhile; todo`, one line, operator's input in back-quotes.
package struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// Counted from 1; 0 when the whole file is meant.
    package let line: Int
    /// In characters, counted from 1.
    package let column: Int
    package let what: String
    package let meanwhile: String
    package let todo: String

    package init(file: String, line: Int, column: Int, what: String, meanwhile: String, todo: String) {
        self.file = file
        self.line = line
        self.column = column
        self.what = what
        self.meanwhile = meanwhile
        self.todo = todo
    }

    package var description: String {
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        return "\(place): \(what); \(meanwhile); \(todo)"
    }
}
