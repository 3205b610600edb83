// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads `previous`, `not_before`, `expires`, `on_expiry` and `quorum` of `policy`.
enum TermsReader {
    static func read(_ header: MappingDecoder) -> PolicyTerms {
        var terms = PolicyTerms()
        terms.previous = header.optional("previous", digest)
        terms.notBefore = header.optional("not_before") { value in
            value.start.map { Located(value: $0, place: value.place) }
        }
        terms.expires = header.optional("expires") { value in
            value.end.map { Located(value: $0, place: value.place) }
        }
        if let value = header.value("on_expiry") {
            if let word = value.word(OnExpiry.self) { terms.onExpiry = word }
            if !header.has("expires") {
                value.fail(
                    "`policy.on_expiry` without `policy.expires` has no effect", todo: "add `expires:`, or remove it")
            }
        }
        if let notBefore = terms.notBefore, let expires = terms.expires, notBefore.value >= expires.value {
            header.diagnostics.error(
                at: expires.place, "the policy expires before it may come into force",
                todo: "let `expires` be later than `not_before`")
        }
        terms.quorum = header.optional("quorum") { $0.mapping(quorum) ?? nil }
        return terms
    }

    private static func digest(_ value: ValueDecoder) -> Located<Digest>? {
        guard let text = value.text else { return nil }
        guard text.hasPrefix("sha256:"), let digest = Digest(hex: String(text.dropFirst(7))) else {
            value.fail(
                "\(value.name) is no SHA-256 of a policy: \(quoted(text))",
                todo: "write `sha256:` and the 64 lower-case hexadecimal digits that `entente sign` printed for it")
            return nil
        }
        return Located(value: digest, place: value.place)
    }

    private static func quorum(_ mapping: MappingDecoder) -> PolicyTerms.Quorum? {
        let need = mapping.required("need") { value in
            value.int(in: 1...OfficerQuorum.maxOfficers).map { Located(value: $0, place: value.place) }
        }
        let officers = mapping.required("of") { value -> [Located<OfficerName>]? in
            var seen: Set<OfficerName> = []
            return value.lenientList { element -> Located<OfficerName>? in
                guard let name = element.officerName else { return nil }
                if !seen.insert(name).inserted {
                    element.fail("officer \(quoted(name.text)) stands there twice", todo: "name each officer once")
                }
                return Located(value: name, place: element.place)
            }
        }
        guard let need, let officers else { return nil }
        if need.value < OfficerQuorum.least {
            mapping.diagnostics.error(
                at: need.place, "a quorum of \(need.value) lets one officer alone change the policy",
                todo: "write 2 or more, or remove `quorum:` to leave it to the node")
        } else if need.value > officers.count {
            mapping.diagnostics.error(
                at: need.place, "the quorum needs \(need.value) officers and names \(officers.count)",
                todo: "name more of them under `of`, or need fewer")
        }
        return PolicyTerms.Quorum(need: need, officers: officers)
    }
}
