// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// The states that a word means: those of a group, or one by its code.
struct GroupLookup {
    private let groups: [String: GroupDefinition]
    let diagnostics: Diagnostics

    init(_ groups: [GroupDefinition], _ diagnostics: Diagnostics) {
        self.groups = Dictionary(groups.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.diagnostics = diagnostics
    }

    /// `nil` after a report.
    ///
    /// - Parameters:
    ///   - place: where the word stands.
    ///   - context: what names it, for the message.
    ///   - words: other words that could be meant.
    func states(of subject: String, at place: YAMLPlace, in context: String, or words: [String] = []) -> [CountryCode]?
    {
        if let group = groups[subject] { return group.states.map(\.value) }
        if let code = CountryCode(subject) { return [code] }
        if subject.utf8.count == 2, let correction = CountryCode.correction(of: subject) {
            diagnostics.error(
                at: place, "\(quoted(subject)) is no country code: \(correction.because)",
                todo: "write \(quoted(correction.code))")
        } else {
            let near = nearestName(to: subject, in: groups.keys.sorted() + words)
            diagnostics.error(
                at: place, "\(context) names \(quoted(subject)), which is neither a group nor a country code",
                todo: near.map { "did you mean \(quoted($0))?" } ?? "define it under `groups`, or remove the line")
        }
        return nil
    }
}
