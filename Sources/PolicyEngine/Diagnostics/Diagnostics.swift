// SPDX-License-Identifier: Apache-2.0

/// Everything found wrong with one file, collected so that an operator sees all of it at once.
///
/// A class, because the decoders of nested mappings all report here. Confined to whoever reads the file.
package final class Diagnostics {
    /// As the operator named it; heads every message.
    package let file: String
    /// What the gateway does in the meantime, for example `the previous policy stays in force`.
    package let meanwhile: String
    /// Told what the readers ask for, when somebody wants to know.
    package var shapes: ShapeRecorder?
    private var foundErrors: [Diagnostic] = []
    private var foundWarnings: [Diagnostic] = []
    /// Errors that were found after the limit was reached and are only counted.
    package private(set) var suppressed = 0

    /// Enough to work on; a file with more faults than this is not the file that was meant.
    private static let limit = 100

    package init(file: String, meanwhile: String) {
        self.file = file
        self.meanwhile = meanwhile
    }

    package var isClean: Bool { foundErrors.isEmpty }

    /// In the order of the file, whatever the order of reading.
    package var errors: [Diagnostic] { foundErrors.inFileOrder }
    package var warnings: [Diagnostic] { foundWarnings.inFileOrder }

    package func error(at place: YAMLPlace, _ what: String, todo: String) {
        guard foundErrors.count < Self.limit else {
            suppressed += 1
            return
        }
        foundErrors.append(diagnostic(at: place, what, meanwhile, todo))
    }

    /// - Parameter meanwhile: what happens although this was found; the file is accepted.
    package func warning(at place: YAMLPlace, _ what: String, meanwhile: String, todo: String) {
        guard foundWarnings.count < Self.limit else { return }
        foundWarnings.append(diagnostic(at: place, what, meanwhile, todo))
    }

    package func report(_ fault: YAMLFault) {
        error(at: fault.place, fault.what, todo: fault.todo)
    }

    private func diagnostic(at place: YAMLPlace, _ what: String, _ meanwhile: String, _ todo: String) -> Diagnostic {
        Diagnostic(
            file: file, line: place.line, column: place.column, what: what, meanwhile: meanwhile, todo: todo)
    }
}

extension [Diagnostic] {
    var inFileOrder: [Diagnostic] {
        sorted { ($0.line, $0.column, $0.what) < ($1.line, $1.column, $1.what) }
    }
}
