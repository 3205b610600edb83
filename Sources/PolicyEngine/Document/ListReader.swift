// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// Reads one entry of `lists`.
struct ListReader {
    let name: ValueDecoder
    let value: ValueDecoder

    /// `nil` if the entry is too wrong to be looked at further; everything has been reported.
    func read() -> ListDefinition? {
        guard let text = name.policyName("list") else { return nil }
        return value.mapping { list(text, $0) } ?? nil
    }

    private func list(_ name: String, _ fields: MappingDecoder) -> ListDefinition? {
        let file = fields.required("file") { value in value.filePath.map { Located(value: $0, place: value.place) } }
        let form = fields.required("form") { $0.word(ListSource.Form.self) }
        let tier = fields.required("tier") { value in value.text.map { Located(value: $0, place: value.place) } }
        let state = fields.required("state") { value -> CountryCode?? in value.isNone ? .some(nil) : value.countryCode }
        let roots = fields.optional("roots") { $0.filePath }
        let pins = fields.optional("signer") { $0.mapping(signer) ?? nil }
        let maxAge = fields.optional("max_age", maxAge)
        let onStale = fields.optional("on_stale", default: .refuse) { $0.word(ListSource.OnStale.self) }
        let minVersion = fields.optional("min_version") { $0.integer(in: 0...(1 << 53) - 1) }
        if form == .jws {
            require("roots", "PEM file of the authorities that the signer's certificate must lead to", of: fields)
            require("max_age", "age at which the list no longer counts, for example `24h`", of: fields)
        } else if form == .text {
            for key in ["roots", "signer", "min_version"] where fields.has(key) {
                fields.diagnostics.error(
                    at: fields.keyPlace(key),
                    "\(quoted(fields.path + "." + key)) means nothing for a list in the form `text`, which nobody signs",
                    todo: "remove it, or write `form: jws` if the list is signed")
            }
        }
        guard let file, let form, let tier, let state, let onStale else { return nil }
        let source = ListSource(
            name: name, file: file.value, form: form, roots: roots, signer: pins ?? .none, maxAge: maxAge,
            onStale: onStale, minVersion: minVersion)
        return ListDefinition(
            source: source, place: self.name.place, filePlace: file.place, tier: tier, state: state,
            statePlace: fields.value("state")?.place ?? fields.place)
    }

    private func require(_ key: String, _ meaning: String, of fields: MappingDecoder) {
        guard !fields.has(key) else { return }
        fields.fail("a list in the form `jws` has no \(quoted(key))", todo: "add `\(key):`, the \(meaning)")
    }

    private func maxAge(_ value: ValueDecoder) -> Duration? {
        guard let age = value.duration else { return nil }
        guard age >= .seconds(60), age <= .seconds(366 * 86400) else {
            value.fail("\(value.name) is not between a minute and a year", todo: "write for example `24h`")
            return nil
        }
        return age
    }

    private func signer(_ fields: MappingDecoder) -> ListSignerPins? {
        let subject = fields.optional("subject") { $0.text }
        let dns = fields.optional("dns") { $0.serverName?.text }
        let spki = fields.optional("spki", spki)
        let pins = ListSignerPins(subject: subject, dns: dns, spki: spki)
        if !["subject", "dns", "spki"].contains(where: fields.has) {
            fields.fail(
                "\(quoted(fields.path)) says nothing of the signer",
                todo: "add `subject:`, `dns:` or `spki:`, or remove it")
        }
        return pins
    }

    private func spki(_ value: ValueDecoder) -> Digest? {
        guard let text = value.text else { return nil }
        let prefix = "sha256/"
        guard text.hasPrefix(prefix), let bytes = Base64.decode(String(text.dropFirst(prefix.utf8.count))),
            let digest = Digest(bytes.span)
        else {
            value.fail("\(value.name) is no hash of a public key", todo: "write it like `sha256/BASE64`")
            return nil
        }
        return digest
    }
}

extension ValueDecoder {
    /// A path: a text of at most 1024 bytes.
    fileprivate var filePath: String? {
        guard let text else { return nil }
        guard text.utf8.count <= 1024, !text.unicodeScalars.contains(where: \.isHidden) else {
            fail("\(name) is no path", todo: "write the path of a file, relative to the policy's directory")
            return nil
        }
        return text
    }
}
