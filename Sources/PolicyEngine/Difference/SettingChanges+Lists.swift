// SPDX-License-Identifier: Apache-2.0

/// What is asked of lists that others keep. Whom they name, and what those may, is in the verdicts.
extension SettingChanges {
    var lists: [PolicyDiff.Setting] {
        let (was, becomes) = (Self.lists(of: old), Self.lists(of: new))
        // A list that comes or goes is in the verdicts by the servers that it names.
        return Set(was.keys).intersection(becomes.keys).sorted().flatMap { name -> [PolicyDiff.Setting] in
            let (first, last) = (was[name] ?? [:], becomes[name] ?? [:])
            let isBlocking = first["tier"] == "blocked" || last["tier"] == "blocked"
            return Set(first.keys).union(last.keys).sorted().compactMap { key in
                guard first[key] != last[key] else { return nil }
                let text = "lists.\(name).\(key): \(first[key] ?? "none") → \(last[key] ?? "none")"
                // Of a list that blocks, whatever makes it count less opens.
                guard !isBlocking, let effect = Self.effect(of: key, first[key], last[key]) else {
                    return Self.untold(text)
                }
                return .init(effect: effect, text: text)
            }
        }
    }

    private static func lists(of policy: Policy) -> [String: [String: String]] {
        var found: [String: [String: String]] = [:]
        for line in String(decoding: policy.compiled.canonical, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3)
            guard words.count == 4, words[0] == "list" else { continue }
            found[String(words[1]), default: [:]][String(words[2])] = String(words[3])
        }
        return found
    }

    /// `nil`: it cannot be told, as where another file or other authorities are named.
    private static func effect(of key: String, _ was: String?, _ becomes: String?) -> PolicyDiff.Effect? {
        switch key {
        // The verdicts show what becomes of its servers; a state is in records.
        case "tier", "state": return .neutral
        // Pins beside each other must all hold.
        case "signer.subject", "signer.dns", "signer.spki":
            return was == nil ? .tightened : becomes == nil ? .loosened : nil
        case "max_age":
            guard let first = was.flatMap(seconds), let last = becomes.flatMap(seconds) else {
                return was == nil ? .tightened : .loosened
            }
            return last < first ? .tightened : .loosened
        // Without the key a list that is too old is refused.
        case "on_stale": return becomes == nil ? .tightened : .loosened
        case "min_version":
            guard let first = was.flatMap(Int64.init), let last = becomes.flatMap(Int64.init) else {
                return was == nil ? .tightened : .loosened
            }
            return last > first ? .tightened : .loosened
        default: return nil
        }
    }

    private static func seconds(_ text: String) -> Int64? { Int64(text.dropLast()) }
}
