// SPDX-License-Identifier: Apache-2.0

/// Which certificates answer to which server name. Pure: identities are numbers here.
struct ServerNameTable {
    private var groupsByName: [String: Int] = [:]
    /// Numbers of the identities shown together; each list is in ascending order and there once.
    private(set) var groups: [[Int]] = []

    /// - Parameter names: the DNS names of each identity, in lower case, wildcards as `*.` and the rest.
    /// - Parameter types: the key type of each; of one type the first identity with a name is shown.
    init(names: [[String]], types: [Int32]) {
        var members: [String: [Int]] = [:]
        for (identity, own) in names.enumerated() {
            for name in Set(own) {
                let present = members[name, default: []]
                if !present.contains(where: { types[$0] == types[identity] }) { members[name] = present + [identity] }
            }
        }
        // The first identity, and those of other key types for its first name, come first: they are the default.
        let fallback = names.first?.first.flatMap { members[$0] } ?? [0]
        groups = [names.isEmpty ? [] : fallback]
        for (name, identities) in members.sorted(by: { $0.key < $1.key }) {
            if let known = groups.firstIndex(of: identities) {
                groupsByName[name] = known
            } else {
                groupsByName[name] = groups.count
                groups.append(identities)
            }
        }
    }

    /// The group for absent names.
    static let fallback = 0

    /// The number of the group for a name in lower case: the exact name, else the wildcard of its first label.
    func group(for name: String) -> Int? {
        if let exact = groupsByName[name] { return exact }
        guard let dot = name.utf8.firstIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return nil }
        return groupsByName["*" + name[dot...]]
    }
}
