// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `entente schema`: what a policy file may hold, for editors.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of policy files.",
        discussion: "For editors that complete and check YAML while it is written. `entente check` has the last word.")

    func run() throws { print(PolicySchema.json.indented) }
}
