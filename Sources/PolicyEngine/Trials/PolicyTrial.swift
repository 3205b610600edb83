// SPDX-License-Identifier: Apache-2.0

/// A file of questions to a policy with the answers that its authors expect: what `entente test` runs.
package struct PolicyTrialFile: Sendable {
    /// As it is written, relative to the file.
    package let policy: String
    /// What the policy's lists hold in these trials, by name, so that a test needs no list that somebody signed today.
    package let lists: [String: ServerList]
    package let trials: [PolicyTrial]
}

/// One question and the answer that is expected.
package struct PolicyTrial: Sendable {
    package let name: String
    package let place: YAMLPlace
    package let given: Given
    package let expected: Expectation
    /// Why it is so, for whoever reads the failure.
    package let because: String?

    package enum Given: Sendable {
        case question(PolicyTrialQuestion)
        /// A request that the gateway refuses before it asks a policy.
        case refused(ReasonCode)
    }

    package struct Expectation: Sendable {
        package let isAllowed: Bool
        package let reason: ReasonCode?
        /// The rule's id, without its place.
        package let rule: String?

        /// For people, as `refuse (endpoint.refused) by tiers.eea.inbound.refuse`.
        package var text: String {
            (isAllowed ? "allow" : "refuse") + (reason.map { " (\($0.rawValue))" } ?? "")
                + (rule.map { " by \($0)" } ?? "")
        }
    }
}

extension PolicyTrialFile {
    /// Reads a file of trials. All that is wrong is reported at once; nothing of a wrong file is run.
    ///
    /// - Parameter fileName: for messages.
    package static func read(_ bytes: [UInt8], fileName: String) throws(PolicyErrors) -> PolicyTrialFile {
        let diagnostics = Diagnostics(file: fileName, meanwhile: "no test of this file is run")
        let file = YAMLDocument.decode(bytes, reportingTo: diagnostics, PolicyTrialReader.file)
        guard let file, diagnostics.isClean else {
            throw PolicyErrors(diagnostics: diagnostics.errors, suppressed: diagnostics.suppressed)
        }
        return file
    }

    /// The lists that it brings, for `Policy.compile`; `unknown` are those that the policy does not have.
    package func readings(for sources: [ListSource]) -> (readings: [String: ListReading], unknown: [String]) {
        let known = Set(sources.map(\.name))
        return (lists.mapValues { .read($0, isStale: false) }, lists.keys.filter { !known.contains($0) }.sorted())
    }
}
