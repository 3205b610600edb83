// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension ListDefinition {
    /// What is asked of the list before its servers count, a line for each key that is written: `list NAME KEY VALUE`.
    ///
    /// Whom it names is not in it: that is another's word, and each server's own line.
    var canonical: [String] {
        let written: [(String, String?)] = [
            ("file", source.file), ("form", source.form.rawValue), ("tier", tier.value), ("state", state?.text),
            ("roots", source.roots), ("signer.subject", source.signer.subject), ("signer.dns", source.signer.dns),
            ("signer.spki", source.signer.spki?.hex), ("max_age", source.maxAge.map { "\($0.components.seconds)s" }),
            ("on_stale", source.onStale == .refuse ? nil : source.onStale.rawValue),
            ("min_version", source.minVersion.map { String($0) }),
        ]
        return written.compactMap { key, value in value.map { "list \(source.name) \(key) \($0)" } }
    }
}
