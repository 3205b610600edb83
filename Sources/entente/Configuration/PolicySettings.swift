// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// Which policy a node uses, and whose signatures it asks for: `policy` in its configuration.
struct PolicySettings: Sendable {
    var file: String
    var trust: PolicyTrust

    private enum Unsigned: String, CaseIterable { case accepted }

    init?(_ mapping: MappingDecoder, _ paths: FilePaths) {
        let file = mapping.required("file") { paths.path($0) }
        let unsigned = mapping.value("unsigned")
        let officers = mapping.value("officers")
        let need = mapping.value("need")
        let trust: PolicyTrust?
        if let unsigned {
            // Said in words, so that nobody runs an unsigned policy without knowing it.
            trust = unsigned.word(Unsigned.self) == nil ? nil : .unsigned
            if officers != nil || need != nil {
                mapping.fail(
                    "`policy` says both `unsigned` and `officers` or `need`", todo: "keep one of the two forms")
            }
        } else if let officers {
            trust = Self.quorum(officers, need, mapping).map { .officers($0) }
        } else {
            mapping.fail(
                "`policy` names no officers, so nobody's signature would be asked for",
                todo: "add `officers: { NAME: KEY, … }` and `need: 2`, or say `unsigned: accepted`")
            trust = nil
        }
        guard let file, let trust else { return nil }
        self.file = file
        self.trust = trust
    }

    private static func quorum(
        _ officers: ValueDecoder, _ need: ValueDecoder?, _ mapping: MappingDecoder
    ) -> OfficerQuorum? {
        var keys: [OfficerName: VerifyKey] = [:]
        var owners: [VerifyKey: OfficerName] = [:]
        officers.entries { key, value in
            guard let name = key.officerName, let publicKey = publicKey(value) else { return }
            if let other = owners.updateValue(name, forKey: publicKey) {
                value.fail(
                    "`\(name.text)` and `\(other.text)` have the same key, one person could sign as both",
                    todo: "give each officer a key of their own")
            }
            keys[name] = publicKey
        }
        guard let need else {
            mapping.fail("`policy` has `officers` and no `need`", todo: "add `need:`, how many of them must sign")
            return nil
        }
        guard let count = need.int(in: 1...OfficerQuorum.maxOfficers) else { return nil }
        if count < OfficerQuorum.least {
            need.fail(
                "`policy.need: \(count)` lets one officer alone change the policy", todo: "write 2 or more")
        } else if count > keys.count {
            need.fail(
                "`policy.need` is \(count) and only \(keys.count) officers are named",
                todo: "name more officers, or need fewer")
        }
        if keys.count > OfficerQuorum.maxOfficers {
            officers.fail("more than \(OfficerQuorum.maxOfficers) officers", todo: "name fewer")
        }
        return OfficerQuorum(need: count, officers: keys)
    }

    private static func publicKey(_ value: ValueDecoder) -> VerifyKey? {
        guard let text = value.text else { return nil }
        do throws(VerifyKey.Malformed) {
            return try VerifyKey(base64: text)
        } catch {
            value.fail(
                "\(value.name) is no public Ed25519 key",
                todo: "write the line that `entente keygen officer` printed, 43 characters of base64")
            return nil
        }
    }
}
